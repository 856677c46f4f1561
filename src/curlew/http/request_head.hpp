#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/http/http_headers.hpp"
#include "curlew/http/http_options.hpp"
#include "curlew/http/http_problem.hpp"

namespace curlew {

/// Finds where the head of a request ends, and refuses at the first byte that no honest client sends: control
/// characters, a line feed or carriage return alone. Empty lines before the request line are skipped, up to two.
class HeadScan {
 public:
  explicit HeadScan(const HttpLimits& limits) : limits_(limits) {}

  /// Takes bytes up to the end of the head; the rest belongs to the body or to the next request.
  ///
  /// Returns: how many were taken.
  /// Errors:  kMalformed, kUriTooLong, kHeadTooLarge.
  Result<std::size_t, HttpProblem> take(std::string_view bytes);

  bool begun() const { return !text_.empty(); }
  bool done() const { return done_; }
  /// Ends with an empty line.
  const std::string& text() const { return text_; }

 private:
  std::optional<HttpProblem> take_byte(char c);
  std::size_t take_plain(std::string_view bytes);

  const HttpLimits& limits_;
  std::string text_;
  std::size_t line_begin_ = 0;
  std::size_t lines_ = 0;
  int skipped_lines_ = 0;
  bool after_return_ = false;
  bool done_ = false;
};

/// A request line and its fields.
struct RequestHead {
  std::string method;
  std::string target;
  int minor_version = 1;  ///< of HTTP/1
  HttpHeaders headers;
};

/// Reads a whole head as HeadScan gives it.
///
/// Errors: kMalformed for whatever the grammar has not, obsolete line folding and spaces before a colon among it;
///         kHttpVersion; kHeadTooLarge for too many fields; kNotImplemented for CONNECT.
/// Source: RFC 9112.
Result<RequestHead, HttpProblem> parse_head(std::string_view text, const HttpLimits& limits);

/// How the body of a request is delimited, and what becomes of the connection.
struct Framing {
  bool chunked = false;
  ByteCount length = 0;  ///< of a body that is not chunked
  bool keep_alive = true;
  bool expects_continue = false;

  bool has_body() const { return chunked || length > 0; }
};

/// Everything that two readers of the same bytes could understand differently is refused.
///
/// Errors: kMalformed for both lengths and chunks, more than one length, anything but digits as a length, codings that
///         do not end in one `chunked`, codings in HTTP/1.0, and for `Host` missing, twice or not a host;
///         kNotImplemented for codings before `chunked`; kExpectationFailed.
/// Source: RFC 9112, sections 3.2, 6 and 9.3.
Result<Framing, HttpProblem> frame_request(const RequestHead& head);

}  // namespace curlew
