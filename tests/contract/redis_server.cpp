#include "contract/redis_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <stdexcept>

#include "curlew/base/unique_fd.hpp"

namespace curlew::testing_store {
namespace {

constexpr auto kProgram = "/usr/bin/redis-server";
constexpr int kPatienceMs = 20'000;

/// A port that nobody uses now. Somebody may take it before the server does: then another one is tried.
std::uint16_t free_port() {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), plain, size) != 0 || ::getsockname(socket.get(), plain, &size) != 0) {
    throw std::runtime_error("no port is free");
  }
  return ntohs(address.sin_port);
}

/// Waits until something is written, or the process has ended; false where neither comes.
bool says_something(int log, int end) {
  std::array<pollfd, 2> either{
      {{.fd = log, .events = POLLIN, .revents = 0}, {.fd = end, .events = POLLIN, .revents = 0}}};
  if (::poll(either.data(), either.size(), kPatienceMs) <= 0) return false;
  std::array<char, 4096> events{};
  return either[0].revents == 0 || ::read(log, events.data(), events.size()) > 0;
}

}  // namespace

std::string RedisServer::missing() {
  return ::access(kProgram, X_OK) == 0 ? "" : fmt::format("{} is missing: apt-get install redis-server", kProgram);
}

RedisServer::RedisServer(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  for (int tries = 0; tries < 20; ++tries) {
    address_.port = free_port();
    if (try_start()) return;
  }
  throw std::runtime_error("redis-server does not start");
}

RedisServer::~RedisServer() {
  if (pid_ > 0) kill();
}

void RedisServer::start() {
  if (!try_start()) throw std::runtime_error("redis-server does not start again");
}

bool RedisServer::try_start() {
  std::vector<std::string> words = {
      kProgram, "--bind", "127.0.0.1", "--port",   std::to_string(address_.port), "--dir", folder_.path().string(),
      "--save", "",       "--logfile", "redis.log"};
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // Its log has a line for each step of its start, and the last one once it answers.
  const UniqueFd log(::inotify_init1(IN_CLOEXEC));
  if (::inotify_add_watch(log.get(), folder_.path().c_str(), IN_MODIFY | IN_CREATE) < 0) {
    throw std::runtime_error("the log of redis-server cannot be watched");
  }
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork has failed");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::execv(kProgram, argv.data());
    ::_exit(1);
  }
  const UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  do {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    if (is_up()) return true;
  } while (says_something(log.get(), end.get()));
  kill();
  return false;
}

bool RedisServer::is_up() const {
  try {
    // Somebody else's server may be on the port.
    return command({"CONFIG", "GET", "dir"}).at(1).string() == std::filesystem::canonical(folder_.path()).string();
  } catch (const RedisFailure& failure) {
    // It wants a password: then it is ours, since nobody else's would.
    return failure.kind == RedisFailure::Kind::kRefused;
  }
}

RedisReply RedisServer::command(std::vector<std::string> words) const {
  return RedisConnection(address_, {}).run({.words = std::move(words)});
}

void RedisServer::stop() {
  signal(SIGTERM);
  wait_for_end();
}

void RedisServer::kill() {
  signal(SIGKILL);
  wait_for_end();
}

void RedisServer::signal(int number) const { ::kill(pid_, number); }

void RedisServer::wait_for_end() {
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

OpenStore new_redis_place() {
  static const auto server = std::make_shared<RedisServer>();
  static std::atomic<int> places = 0;
  const std::string prefix = fmt::format("place{}:", ++places);
  return [prefix](const StoreLimits& limits, const Calendar& calendar) {
    return make_redis_store(
        {.address = server->address(), .limits = limits, .calendar = calendar, .prefix = prefix, .patience = {}});
  };
}

}  // namespace curlew::testing_store
