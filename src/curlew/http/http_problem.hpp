#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "curlew/http/http_headers.hpp"

namespace curlew {

/// Why a request has no answer. The order is that of the table in http_problem.cpp; clients see the wire names.
enum class HttpErrorCode : std::uint8_t {
  kMalformed,
  kUnauthorized,
  kNotFound,
  kMethodNotAllowed,
  kNotAcceptable,
  kRequestTimeout,
  kKeyInFlight,
  kExpired,
  kBodyTooLarge,
  kUriTooLong,
  kUnsupportedMediaType,
  kExpectationFailed,
  kWrongHost,
  kInvalidRequest,
  kKeyReused,
  kTooManyRequests,
  kHeadTooLarge,
  kInternal,
  kNotImplemented,
  kFull,
  kStarting,
  kDraining,
  kModelUnavailable,
  kStoreUnavailable,
  kHttpVersion,
};

/// One row of the table of HTTP errors.
struct HttpErrorInfo {
  HttpErrorCode code;
  std::string_view wire_name;  ///< what clients match on; never changes
  int status;
  std::string_view title;
  std::string_view sentence;  ///< what it means and what to do, for docs/errors.md
};

/// All codes, in the order of HttpErrorCode.
std::span<const HttpErrorInfo> http_error_table();

const HttpErrorInfo& http_error_info(HttpErrorCode code);

/// A request that is answered by an error. The detail is shown to clients: it says what to do.
struct HttpProblem {
  using Value = std::variant<std::string, std::int64_t>;

  HttpErrorCode code = HttpErrorCode::kInternal;
  std::string detail;
  std::vector<std::pair<std::string, Value>> members = {};  ///< more members of the body, as `pointer`
  HttpHeaders headers = {};                                 ///< as `Allow`
  std::chrono::seconds retry_after{1};                      ///< goes out with 429 and 503 only

  int status() const { return http_error_info(code).status; }
};

HttpProblem make_problem(HttpErrorCode code, std::string detail);

/// How the body of an error is written.
enum class ErrorStyle : std::uint8_t {
  kProblem,            ///< application/problem+json
  kInferenceProtocol,  ///< {"error": "…"}, as the Open Inference Protocol has it
};

std::string_view error_media_type(ErrorStyle style);

/// The body of an error.
///
/// Source: RFC 9457.
std::string error_body(const HttpProblem& problem, std::string_view request_id, ErrorStyle style);

/// The headers of an error: its own, and `Retry-After`, `WWW-Authenticate` where the status wants them.
HttpHeaders error_headers(const HttpProblem& problem);

}  // namespace curlew
