#include "curlew/base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace curlew {
namespace {

constexpr std::array<ErrorInfo, 19> kTable{{
    {ErrorCode::kUrlInvalid, "url_invalid", false,
     "The text is not an http or https URL that can be fetched, or the local file is not there."},
    {ErrorCode::kBlockedByPolicy, "blocked_by_policy", false,
     "The URL, or a redirect of it, leads to an address that is not public. Let the network in with allow_net."},
    {ErrorCode::kDnsFailed, "dns_failed", false,
     "The host's name has no address, or the name servers did not answer; the latter may pass."},
    {ErrorCode::kConnectFailed, "connect_failed", true, "The origin refused or dropped the connection."},
    {ErrorCode::kTlsFailed, "tls_failed", false,
     "The origin's certificate is not valid, or TLS could not be agreed on."},
    {ErrorCode::kTimeout, "timeout", true, "The origin did not answer, or did not send, within the time limits."},
    {ErrorCode::kHttpStatus, "http_status", false,
     "The origin answered with a status other than 200; 408, 425, 429 and 5xx may pass."},
    {ErrorCode::kTooManyRedirects, "too_many_redirects", false, "The origin redirected too often, or in a circle."},
    {ErrorCode::kTooLarge, "too_large", false, "The picture has more bytes than the limit."},
    {ErrorCode::kTruncated, "truncated", true, "The origin sent fewer bytes than it had declared."},
    {ErrorCode::kNotAnImage, "not_an_image", false, "The bytes are not those of a picture."},
    {ErrorCode::kUnsupportedFormat, "unsupported_format", false,
     "The bytes are those of a picture in a format that is not read."},
    {ErrorCode::kTooManyPixels, "too_many_pixels", false,
     "The picture has more pixels, or a longer side, than the limit."},
    {ErrorCode::kDecodeFailed, "decode_failed", false, "The picture is damaged or incomplete."},
    {ErrorCode::kInferenceFailed, "inference_failed", false, "The network could not be run on the picture."},
    {ErrorCode::kNonFiniteOutput, "non_finite_output", false, "The network gave numbers that are not finite."},
    {ErrorCode::kCancelled, "cancelled", false, "The batch was cancelled before the item was done."},
    {ErrorCode::kExpired, "expired", false, "The batch had expired before the item was done."},
    {ErrorCode::kInternal, "internal", false, "A fault of Curlew; the log says more."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].code) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the table is indexed by ErrorCode");

}  // namespace

std::span<const ErrorInfo> error_table() { return kTable; }

const ErrorInfo& error_info(ErrorCode code) { return kTable[static_cast<std::size_t>(code)]; }

Error make_error(ErrorCode code, std::string message) {
  return Error{.code = code, .message = std::move(message), .retryable = error_info(code).retryable, .http_status = 0};
}

Error make_http_status_error(int status) {
  const bool passing = status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
  return Error{.code = ErrorCode::kHttpStatus,
               .message = fmt::format("the origin answered {}", status),
               .retryable = passing,
               .http_status = status};
}

}  // namespace curlew
