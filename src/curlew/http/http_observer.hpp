#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/clock.hpp"

namespace curlew {

/// A request and how it was answered.
struct HttpExchange {
  std::string_view route = {};  ///< the route's name; "none" where the request has none
  std::string_view method = {};
  std::string_view path = {};  ///< without the query, which may hold secrets
  std::string_view client = {};
  std::string_view request_id = {};
  int status = 0;              ///< 0: the client had gone before there was one
  ByteCount body_bytes = 0;    ///< of the request
  ByteCount answer_bytes = 0;  ///< of the answer's body, as far as it was taken
  Duration took{};             ///< from the head's last byte to the answer's
  bool complete = false;       ///< whether the client took all of it
};

/// Who counts what the server does.
///
/// Threads: called on the http thread; must be quick.
class HttpObserver {
 public:
  HttpObserver() = default;
  HttpObserver(const HttpObserver&) = delete;
  HttpObserver& operator=(const HttpObserver&) = delete;
  virtual ~HttpObserver() = default;

  virtual void connection_opened() {}
  virtual void connection_closed() {}
  /// A connection that got no more than a 503, since all were taken.
  virtual void connection_refused() {}
  virtual void request_done(const HttpExchange& /*exchange*/) {}
};

/// A line of the access log: one JSON object.
std::string access_log_line(const HttpExchange& exchange);

}  // namespace curlew
