#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace curlew::testing_origin {

/// A door that is shut until somebody opens it, for good.
class Gate {
 public:
  void open();
  void wait();  ///< gives up, and fails the test, after 30 s

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

/// One request that an origin got, and the means to answer it in whatever way.
class Request {
 public:
  Request(int fd, std::string head) : fd_(fd), head_(std::move(head)) {}

  /// Path and query.
  std::string target() const;
  /// A header's value; "" where there is none.
  std::string header(std::string_view name) const;
  const std::string& head() const { return head_; }

  /// False once the client is gone.
  bool send(std::string_view bytes);
  /// An honest answer; the connection is kept.
  void answer(int status, std::string_view body, std::string_view more_headers = "");
  /// Waits until the client closes the connection.
  void wait_for_close();
  /// Whether the client closes the connection, or sends anything more, within this time.
  bool stirs_within(std::chrono::milliseconds time) const;
  void close();
  /// Ends the connection as a crash would.
  void reset();
  bool closed() const { return closed_; }

 private:
  int fd_;
  std::string head_;
  bool closed_ = false;
};

/// A server on loopback that answers each request by `script`, each connection on a thread of its own.
class ScriptedOrigin {
 public:
  using Script = std::function<void(Request&)>;

  explicit ScriptedOrigin(Script script, const std::string& address = "127.0.0.1");
  ~ScriptedOrigin();
  ScriptedOrigin(const ScriptedOrigin&) = delete;
  ScriptedOrigin& operator=(const ScriptedOrigin&) = delete;

  std::uint16_t port() const { return port_; }
  /// `path` of this origin, called `host`.
  std::string url(std::string_view path, std::string_view host = "127.0.0.1") const;
  int connections() const { return connections_; }
  int most_at_once() const { return most_at_once_; }
  int requests() const { return requests_; }

 private:
  void accept_all();
  void serve(int fd);

  Script script_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> open_ = 0;
  std::atomic<int> most_at_once_ = 0;
  std::atomic<int> requests_ = 0;
  std::mutex mutex_;
  std::vector<int> fds_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace curlew::testing_origin
