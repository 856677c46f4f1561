#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/http/http_problem.hpp"
#include "curlew/http/http_request.hpp"

namespace curlew {

/// What a request is about.
struct Target {
  bool asterisk = false;                 ///< `OPTIONS *`
  std::optional<std::string> authority;  ///< host and port of `http://host:port/path`
  std::string path;                      ///< as sent
  std::vector<std::string> segments;     ///< of the path, each decoded: a slash that was escaped separates nothing
  QueryParameters query;
};

/// `%41` to `A`, once; nothing where an escape is broken or stands for a control character.
std::optional<std::string> percent_decoded(std::string_view text);

/// Reads `a=1&b=x+y`. Nothing where an escape is broken.
std::optional<QueryParameters> parse_query(std::string_view text);

/// Reads the target of a request line. `.` and `..` are segments like any other: nothing here is a file.
///
/// Errors: kMalformed for any form but /path?query, `scheme`host/path?query and *, and for broken escapes.
/// Source: RFC 9112, section 3.2.
Result<Target, HttpProblem> parse_target(std::string_view text, std::string_view scheme = "http://");

}  // namespace curlew
