#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "curlew/http/http_headers.hpp"
#include "curlew/http/http_problem.hpp"

namespace curlew {

/// What a stream has to say to who writes it.
enum class StreamRoom : std::uint8_t {
  kRoom,  ///< taken; go on
  kFull,  ///< taken; wait for on_room
  kGone,  ///< not taken, and nothing will be: the client has gone, or was cut off since it does not read
};

/// The answer to one request. Exactly one of send, fail and begin_stream takes effect, the first; where none was called
/// when the last owner lets go, the client gets a 500.
///
/// Threads: any, at any time, also after the server has stopped. Callbacks run on the http thread, without a lock held;
///          they must be quick.
class HttpReply {
 public:
  HttpReply() = default;
  HttpReply(const HttpReply&) = delete;
  HttpReply& operator=(const HttpReply&) = delete;
  virtual ~HttpReply() = default;

  virtual void send(int status, HttpHeaders headers, std::string body) = 0;

  /// An error, in the style of the route.
  virtual void fail(HttpProblem problem) = 0;

  /// A body that comes piece by piece.
  virtual void begin_stream(int status, HttpHeaders headers) = 0;

  /// More of it. Up to `stream_limit_bytes` wait unsent; a client that leaves more unread is cut off. One piece,
  /// however long, is always taken where nothing waits.
  virtual StreamRoom write(std::string piece) = 0;

  /// The stream is whole. Without it, the client sees that it was broken off.
  virtual void end() = 0;

  /// Who is told that a stream which was kFull has room again. To be set before the first write.
  virtual void on_room(std::function<void()> told) = 0;

  /// Who is told, once, that the client has gone before its answer was complete; at once where that has been.
  virtual void on_gone(std::function<void()> told) = 0;
};

}  // namespace curlew
