#include "curlew/store/redis_connection.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

namespace curlew {
namespace {

/// As much more than a blocking command waits its answer may take.
constexpr std::chrono::milliseconds kSlack{1000};

/// Scripts say at the start that they write, so that a Redis that is full refuses them whole.
constexpr int kOldestVersion = 7;

timeval to_timeval(std::chrono::milliseconds time) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time);
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(time - whole);
  return {.tv_sec = static_cast<time_t>(whole.count()), .tv_usec = static_cast<suseconds_t>(rest.count())};
}

RedisReply to_reply(const redisReply& from) {
  RedisReply reply;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = RedisReply::Kind::kInteger;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.kind = RedisReply::Kind::kText;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ERROR:
      reply.kind = RedisReply::Kind::kError;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = RedisReply::Kind::kList;
      reply.list.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i) reply.list.push_back(to_reply(*from.element[i]));
      break;
    default:
      break;
  }
  return reply;
}

std::string format_words(const std::vector<std::string_view>& words) {
  std::string out = fmt::format("*{}\r\n", words.size());
  for (const std::string_view word : words) {
    out += fmt::format("${}\r\n", word.size());
    out += word;
    out += "\r\n";
  }
  return out;
}

struct FreeReply {
  void operator()(void* reply) const { freeReplyObject(reply); }
};

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};

}  // namespace

struct RedisConnection::Context {
  std::unique_ptr<redisContext, FreeContext> redis;
};

RedisConnection::RedisConnection(const RedisAddress& address, RedisPatience patience,
                                 std::vector<std::string> script_hashes)
    : server_(to_text(address)),
      patience_(patience),
      context_(std::make_unique<Context>()),
      script_hashes_(std::move(script_hashes)) {
  context_->redis.reset(redisConnectWithTimeout(address.host.c_str(), address.port, to_timeval(patience.connect)));
  if (!context_->redis) fail("no memory");
  if (context_->redis->err != 0) fail(context_->redis->errstr);
  set_wait(patience_.answer);
  redisEnableKeepAlive(context_->redis.get());
  log_in(address);
}

RedisConnection::~RedisConnection() = default;

void RedisConnection::log_in(const RedisAddress& address) {
  RedisCommand hello{.words = {"HELLO", "2"}};
  if (!address.password.empty()) {
    hello.words.insert(hello.words.end(), {"AUTH", address.user.empty() ? "default" : address.user, address.password});
  }
  const RedisReply about = run(hello);
  std::string version;
  std::string mode;
  for (std::size_t i = 0; i + 1 < about.elements().size(); i += 2) {
    if (about.at(i).string() == "version") version = about.at(i + 1).string();
    if (about.at(i).string() == "mode") mode = about.at(i + 1).string();
  }
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major < kOldestVersion) {
    throw RedisFailure{.kind = RedisFailure::Kind::kAway,
                       .what = fmt::format("Redis at {} is of version {}: 7.0 or later is needed", server_, version)};
  }
  if (mode == "cluster") {
    throw RedisFailure{
        .kind = RedisFailure::Kind::kAway,
        .what = fmt::format("Redis at {} is part of a cluster: one that stands alone is needed", server_)};
  }
  if (address.database != 0) run({.words = {"SELECT", std::to_string(address.database)}});
}

void RedisConnection::load_scripts() {
  std::vector<RedisCommand> commands;
  for (const std::string& text : redis_script_texts()) commands.push_back({.words = {"SCRIPT", "LOAD", text}});
  std::vector<std::string> hashes;
  for (const RedisReply& reply : run_all(commands)) {
    check(reply);
    hashes.push_back(reply.string());
  }
  script_hashes_ = std::move(hashes);
}

std::vector<RedisReply> RedisConnection::run_all(const std::vector<RedisCommand>& commands) {
  const bool has_script = std::ranges::any_of(commands, [](const auto& command) { return command.script.has_value(); });
  if (has_script && script_hashes_.empty()) load_scripts();
  std::string bytes;
  for (const RedisCommand& command : commands) bytes += formatted(command);
  send(bytes);
  std::vector<RedisReply> replies;
  replies.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) replies.push_back(receive());
  // Somebody has emptied the server's memory of scripts.
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (replies[i].kind != RedisReply::Kind::kError || !replies[i].text.starts_with("NOSCRIPT")) continue;
    load_scripts();
    send(formatted(commands[i]));
    replies[i] = receive();
  }
  return replies;
}

RedisReply RedisConnection::run(const RedisCommand& command) {
  RedisReply reply = std::move(run_all({command}).front());
  check(reply);
  return reply;
}

RedisReply RedisConnection::run_blocking(const RedisCommand& command, std::chrono::milliseconds wait) {
  set_wait(wait + kSlack);
  RedisReply reply = run(command);
  set_wait(patience_.answer);
  return reply;
}

void RedisConnection::check(const RedisReply& reply) const {
  if (reply.kind == RedisReply::Kind::kError) throw failure_of(reply.text, server_);
}

void RedisConnection::interrupt() { ::shutdown(context_->redis->fd, SHUT_RDWR); }

void RedisConnection::set_wait(std::chrono::milliseconds wait) {
  if (redisSetTimeout(context_->redis.get(), to_timeval(wait)) != REDIS_OK) fail(context_->redis->errstr);
}

/// Past hiredis, whose writing to a connection that has gone would raise SIGPIPE.
void RedisConnection::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t step = ::send(context_->redis->fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) fail(errno == EAGAIN ? "it takes nothing more in" : std::generic_category().message(errno));
    sent += static_cast<std::size_t>(step);
  }
}

RedisReply RedisConnection::receive() {
  void* raw = nullptr;
  if (redisGetReply(context_->redis.get(), &raw) != REDIS_OK) {
    fail(errno == EAGAIN && context_->redis->err == REDIS_ERR_IO ? "it does not answer" : context_->redis->errstr);
  }
  const std::unique_ptr<void, FreeReply> owned(raw);
  return to_reply(*static_cast<const redisReply*>(raw));
}

std::string RedisConnection::formatted(const RedisCommand& command) const {
  std::vector<std::string_view> words;
  words.reserve(command.words.size() + 3);
  if (command.script) {
    words.insert(words.end(), {"EVALSHA", script_hashes_.at(static_cast<std::size_t>(*command.script)), "0"});
  }
  words.insert(words.end(), command.words.begin(), command.words.end());
  return format_words(words);
}

void RedisConnection::fail(const std::string& why) const {
  throw RedisFailure{.kind = RedisFailure::Kind::kAway, .what = fmt::format("Redis at {} is away: {}", server_, why)};
}

}  // namespace curlew
