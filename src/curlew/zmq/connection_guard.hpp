#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <zmq.hpp>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/clock.hpp"
#include "curlew/zmq/connection_limits.hpp"

namespace curlew {

/// Cuts off clients of one socket for whom ZeroMQ would keep more and more memory: none of its options bounds a message
/// without end, the number of a client's subscriptions, or the bytes of replies that a client does not read. It
/// compares what the kernel counts with what came out of the socket. Connections over ipc are the owner's own, and not
/// looked at.
///
/// Threads: one at a time, that of the socket.
/// Cost:    a microsecond a message; two a connection every `kLook`, or seldomer, so that it is a hundredth of the
/// time.
class ConnectionGuard {
 public:
  /// To be made before the socket listens anywhere. `name`: of the option that holds its endpoints, for the log.
  /// Context and socket outlive this.
  ConnectionGuard(zmq::context_t& context, zmq::socket_t& socket, std::string name, const ConnectionLimits& limits);
  ~ConnectionGuard();
  ConnectionGuard(const ConnectionGuard&) = delete;
  ConnectionGuard& operator=(const ConnectionGuard&) = delete;

  /// To be called when events() has input, or due() has come; often is fine.
  void tend();
  zmq::socket_t& events() { return events_; }
  TimePoint due() const { return connections_.empty() ? TimePoint::max() : look_at_; }

  /// A message came out of the socket: `bytes` on the wire, from the connection that ZeroMQ calls `source` (-1: it does
  /// not say), of a client whose replies begin with `client`.
  void delivered(int source, const std::string& client, ByteCount bytes);
  /// A reply was put into the socket.
  void sent(const std::string& client, ByteCount bytes);

  static constexpr auto kLook = std::chrono::milliseconds(250);
  static constexpr auto kSeldomLook = std::chrono::milliseconds(1000);  ///< where connections are many

 private:
  struct Connection {
    std::uint64_t cookie = 0;  ///< of the kernel: descriptors are used again, cookies never
    ByteCount delivered = 0;
    ByteCount sent = 0;
    std::string client = {};  ///< the last that a message named
    bool too_many = false;
    bool cut = false;
  };

  void read_events();
  void accepted(int fd, std::string_view endpoint);
  void forget(int fd);
  void forget_closed();
  void look();
  void cut_off(int fd, Connection& connection);

  zmq::socket_t& socket_;
  const std::string name_;
  const ConnectionLimits limits_;
  zmq::socket_t events_;
  std::unordered_map<int, Connection> connections_;  ///< over TCP, by ZeroMQ's descriptor
  std::unordered_map<std::string, int> clients_;     ///< through which connection a reply goes
  TimePoint look_at_;
  TimePoint sweep_at_;
};

}  // namespace curlew
