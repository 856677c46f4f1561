#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/clock.hpp"
#include "curlew/core/frames.hpp"

namespace curlew {

/// Publishes messages to whoever has subscribed to the beginning of their topic. It never waits for a subscriber: one
/// that does not read loses what goes beyond `high_water` messages, and costs no more memory than these.
///
/// Threads: it has one of its own, which owns the socket.
class Publisher {
 public:
  struct Options {
    std::string name = "zmq.pub_sockets";  ///< of the option that holds the endpoints, for messages
    std::vector<std::string> endpoints;    ///< as read_endpoint takes them
    int high_water = 10'000;               ///< messages that wait for one subscriber
    std::size_t handed_over = 1'000;       ///< messages that wait for the publisher's thread
    std::size_t connections = 4'096;       ///< over TCP; beyond, the newest is cut off
    ByteCount subscriber_bytes = kMiB;     ///< that a subscriber may send in all over one TCP connection
  };

  /// Sends at once; on the publisher's thread only.
  using Send = std::function<void(const Frames&)>;

  /// What happens on the publisher's thread; each must be quick, and any may be empty.
  struct Events {
    /// A subscription came, also where another client has the same.
    std::function<void(std::string_view topic, const Send& send)> subscribed = {};
    /// Nobody has a subscription to this topic any more.
    std::function<void(std::string_view topic)> unsubscribed = {};
    /// Called first when it starts, and then whenever the time that it returned has come, or wake() was called.
    std::function<TimePoint(const Send& send)> due = {};
  };

  /// Listens when this returns; start() begins to serve.
  ///
  /// Errors: StartupError, as ReplyServer.
  Publisher(const Options& options, Events events);
  /// Sends what was handed over, as far as subscribers take it within `kLinger`. A publish() that waits comes back, and
  /// its message is dropped.
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  void start();

  /// Hands a message over; waits while too many do. Those of one caller keep their order.
  ///
  /// Threads: any but the publisher's own.
  void publish(Frames message);
  /// `due` is called soon. Threads: any. Cost: never blocks.
  void wake();

  std::vector<std::string> addresses() const;
  /// As ReplyServer::rebind.
  void rebind(std::vector<std::string> endpoints);

  static constexpr int kLinger = 1000;  ///< ms

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace curlew
