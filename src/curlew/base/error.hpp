#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace curlew {

/// Why an item has no answer. The order is that of the table in error.cpp; clients see the wire names.
enum class ErrorCode : std::uint8_t {
  kUrlInvalid,
  kBlockedByPolicy,
  kDnsFailed,
  kConnectFailed,
  kTlsFailed,
  kTimeout,
  kHttpStatus,
  kTooManyRedirects,
  kTooLarge,
  kTruncated,
  kNotAnImage,
  kUnsupportedFormat,
  kTooManyPixels,
  kDecodeFailed,
  kInferenceFailed,
  kNonFiniteOutput,
  kCancelled,
  kExpired,
  kInternal,
};

/// One row of the table of item errors.
struct ErrorInfo {
  ErrorCode code;
  std::string_view wire_name;  ///< what clients match on; never changes
  bool retryable;              ///< whether another try may succeed (kHttpStatus: depends on the status)
  std::string_view sentence;   ///< what it means, for docs/errors.md
};

/// All 19 codes, in the order of ErrorCode.
std::span<const ErrorInfo> error_table();

/// The row of `code`.
const ErrorInfo& error_info(ErrorCode code);

/// Why one item failed. The message is shown to clients: it says what to do, and holds no internal address, local path
/// or text of a library.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  bool retryable = false;
  int http_status = 0;  ///< what the origin answered; 0 where it is not about a status
};

/// An error of `code`, retryable as the table says.
Error make_error(ErrorCode code, std::string message);

/// A kHttpStatus error: the origin answered `status`; 408, 425, 429 and 5xx are retryable.
Error make_http_status_error(int status);

}  // namespace curlew
