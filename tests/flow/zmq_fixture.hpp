#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

#include "curlew/core/frames.hpp"
#include "curlew/zmq/client.hpp"
#include "curlew/zmq/reply_server.hpp"

namespace curlew::testing_zmq {

/// Longer than anything takes; what is waited for comes sooner, or the test fails.
inline constexpr std::chrono::seconds kPatience{20};

/// A folder of a test's own, with a short path.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name) const { return path_ / name; }
  std::string ipc(const std::string& name) const { return "ipc://" + path(name); }

 private:
  std::filesystem::path path_;
};

/// A value that threads change, and that the test waits for.
template <class T>
class Watched {
 public:
  template <class Change>
  void change(Change how) {
    const std::scoped_lock lock(mutex_);
    how(value_);
    changed_.notify_all();
  }
  template <class Condition>
  bool wait(Condition is_so) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return is_so(value_); });
  }
  T get() {
    const std::scoped_lock lock(mutex_);
    return value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  T value_{};
};

/// A client that does with its socket what a test wants.
class OddClient {
 public:
  using Prepare = std::function<void(zmq::socket_t&)>;
  OddClient(zmq::socket_type type, const std::string& address, const Prepare& prepare = {});
  zmq::socket_t& socket() { return socket_; }
  void send(const Frames& frames);
  /// Fails the test, and gives nothing, where none comes.
  Frames receive();
  /// Whether its connection has ended; asked once.
  bool wait_for_disconnect();

 private:
  zmq::context_t context_{1};
  zmq::socket_t socket_;
  zmq::socket_t events_;
};

/// A TCP connection that speaks as a test wants.
class RawClient {
 public:
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  /// False where the other side has ended the connection.
  bool send(std::string_view bytes) const;
  /// Greeting and first command of a socket of ZeroMQ, and what the other side says to them.
  bool shake_hands(const std::string& socket_type) const;
  /// Whether this comes among what the other side sends.
  bool wait_for(std::string_view bytes) const;
  /// Whether the other side ends the connection.
  bool wait_for_end() const;

 private:
  int fd_ = -1;
};

/// Requests that a handler keeps, until the test answers them.
class HeldRequests {
 public:
  ReplyServer::Handler handler();
  bool wait_for(std::size_t count);  ///< so many have come in all
  Frames request(std::size_t index);
  void answer(std::size_t index, const Frames& reply);
  void forget(std::size_t index);  ///< lets its Answer go

 private:
  struct Held {
    Frames request;
    std::optional<ReplyServer::Answer> answer;
  };
  Watched<std::vector<Held>> held_;
};

/// Answers each request with itself.
void echo(const Frames& request, const ReplyServer::Answer& answer);

/// Of an echoing server: whether a well-behaved client gets its reply.
testing::AssertionResult is_well(const std::string& address);

/// `tcp://127.0.0.1:PORT` of what listens at a free port.
ReplyServer::Options on_free_port();

}  // namespace curlew::testing_zmq
