#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/core/frames.hpp"

namespace curlew {

/// What a REQ client talks to: one reply a request, in the order of a client's requests. Unlike ZeroMQ's own REP it
/// answers the next client while one waits, and is not stuck by a message without its empty frame, which is dropped.
///
/// Threads: it has one of its own, which owns the socket.
class ReplyServer {
 public:
  struct Options {
    std::string name = "zmq.rep_sockets";  ///< of the option that holds the endpoints, for messages
    std::vector<std::string> endpoints;    ///< as read_endpoint takes them
    ByteCount message_bytes = 8 * kMiB;    ///< who sends a larger frame is disconnected
    ByteCount waiting_bytes = 64 * kMiB;  ///< requests that wait for their turn; beyond, none is taken from the sockets
    ByteCount unread_bytes = 64 * kMiB;   ///< replies that wait for one client over TCP; beyond, it is cut off
    std::size_t connections = 4096;       ///< over TCP; beyond, the newest is cut off
  };

  /// Sends the reply to one request; the first call counts. A request whose Answer goes without a call gets none, and
  /// the client's next one has its turn.
  ///
  /// Threads: any, after the server has gone too (nothing happens then).
  class Answer {
   public:
    class Way;
    explicit Answer(std::shared_ptr<Way> way) : way_(std::move(way)) {}
    void operator()(Frames reply) const;

   private:
    std::shared_ptr<Way> way_;
  };

  /// Called on the server's thread for each request, without envelope and delimiter; it must be quick. One that throws
  /// is logged.
  using Handler = std::function<void(Frames request, Answer answer)>;

  /// Listens when this returns; requests are taken from start() on.
  ///
  /// Errors: StartupError (kUsage: an endpoint is wrong; kEnvironment: a port or path is taken, or may not be used).
  ReplyServer(const Options& options, Handler handler);
  /// Sends what was answered, as far as clients take it within `kLinger`.
  ~ReplyServer();
  ReplyServer(const ReplyServer&) = delete;
  ReplyServer& operator=(const ReplyServer&) = delete;

  void start();

  /// Where it listens, with ports that were found.
  std::vector<std::string> addresses() const;

  /// Listens at these from now on. A place that it had before stays, with its port, and its clients notice nothing; an
  /// ipc file that somebody removed is made anew. Clients of a place that is not among them are let go. What cannot be
  /// had (it is logged) is tried again every second.
  ///
  /// Threads: any.
  void rebind(std::vector<std::string> endpoints);

  static constexpr int kLinger = 500;  ///< ms

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace curlew
