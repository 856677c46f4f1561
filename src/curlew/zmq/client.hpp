#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/clock.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/frames.hpp"

namespace curlew {

/// Makes clients that wait return early, and stay so; for Ctrl-C.
///
/// Threads: any.
class Stopper {
 public:
  Stopper();
  ~Stopper();
  Stopper(const Stopper&) = delete;
  Stopper& operator=(const Stopper&) = delete;
  void stop();
  bool stopped() const;
  int fd() const { return fd_; }  ///< readable once stopped

 private:
  int fd_ = -1;
};

/// Why there is no reply.
enum class NoReply : std::uint8_t { kTimeout, kStopped };

/// Sends requests and waits for their replies.
///
/// Threads: one at a time.
class RequestClient {
 public:
  /// `address`: as connect_address() gives it; nobody need listen there yet. The stopper outlives it.
  ///
  /// Errors: StartupError (kUsage) where ZeroMQ does not take the address.
  RequestClient(const std::string& address, const Stopper& stopper);
  ~RequestClient();
  RequestClient(const RequestClient&) = delete;
  RequestClient& operator=(const RequestClient&) = delete;

  /// After a timeout the request is dropped, also where it has not been sent yet, and the next one begins anew.
  Result<Frames, NoReply> ask(const Frames& request, Duration timeout);

 private:
  class Socket;
  std::unique_ptr<Socket> socket_;
};

/// Hears what is published.
///
/// Threads: one at a time.
class Subscriber {
 public:
  /// As RequestClient. Connects again by itself, with its subscriptions.
  Subscriber(const std::string& address, const Stopper& stopper);
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  /// To topics that begin so. Active at the publisher some time later; those of one subscriber in their order.
  void subscribe(std::string_view topic);
  void unsubscribe(std::string_view topic);

  /// The next message; nothing at `deadline`, or when stopped. Up to 100,000 messages wait here.
  std::optional<Frames> receive(TimePoint deadline);

 private:
  class Socket;
  std::unique_ptr<Socket> socket_;
};

}  // namespace curlew
