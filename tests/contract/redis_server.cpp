#include "contract/redis_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "curlew/base/unique_fd.hpp"

namespace curlew::testing_store {
namespace {

using namespace std::chrono_literals;

constexpr auto kProgram = "/usr/bin/redis-server";

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
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork has failed");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::execv(kProgram, argv.data());
    ::_exit(1);
  }
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < until) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    if (is_up()) return true;
    std::this_thread::sleep_for(5ms);  // between two looks, not instead of one
  }
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
