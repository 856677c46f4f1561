#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "curlew/base/byte_count.hpp"
#include "curlew/http/http_headers.hpp"

namespace curlew {

/// How the end of a body is told.
struct ResponseFraming {
  std::optional<ByteCount> length = {};  ///< nothing: a stream
  bool chunked = false;                  ///< of a stream; else its end is that of the connection
  bool keep_alive = true;
  int minor_version = 1;  ///< of the request
};

/// Status line and headers up to the empty line: those given, `Date`, `Connection` where it is needed, the length, and
/// `Cache-Control: no-store`, `X-Content-Type-Options: nosniff` and a closed `Content-Security-Policy` where the answer
/// has no other. A header that would break the head is left out.
std::string response_head(int status, const HttpHeaders& headers, const ResponseFraming& framing,
                          std::chrono::sys_seconds date);

/// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::chrono::sys_seconds time);

/// The words of a status line; "" where the status is unknown.
std::string_view reason_phrase(int status);

/// `Server-Timing`: "queue;dur=0.1, fetch;dur=3.2", in milliseconds.
std::string server_timing(std::span<const std::pair<std::string_view, double>> stages_ms);

/// Whether a status has no body, and no length either: 1xx, 204, 304.
bool never_has_body(int status);

}  // namespace curlew
