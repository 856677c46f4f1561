#include "curlew/wire/error_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace curlew {
namespace {

constexpr std::string_view kFetch = "Failed to fetch image: ";
constexpr std::string_view kStatus = "Failed to fetch image: HTTP error: ";
constexpr std::string_view kOpen = "Image open error: ";
constexpr std::string_view kInference = "Inference error: ";
constexpr std::string_view kParsing = "Result parsing error: ";

/// What an error's text begins with, by the step that failed.
std::string_view beginning(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUrlInvalid:
    case ErrorCode::kBlockedByPolicy:
    case ErrorCode::kDnsFailed:
    case ErrorCode::kConnectFailed:
    case ErrorCode::kTlsFailed:
    case ErrorCode::kTimeout:
    case ErrorCode::kHttpStatus:
    case ErrorCode::kTooManyRedirects:
    case ErrorCode::kTooLarge:
    case ErrorCode::kTruncated:
      return kFetch;
    case ErrorCode::kNotAnImage:
    case ErrorCode::kUnsupportedFormat:
    case ErrorCode::kTooManyPixels:
    case ErrorCode::kDecodeFailed:
      return kOpen;
    case ErrorCode::kInferenceFailed:
    case ErrorCode::kNonFiniteOutput:
      return kInference;
    case ErrorCode::kCancelled:
    case ErrorCode::kExpired:
    case ErrorCode::kInternal:
      break;
  }
  return "";
}

std::optional<std::string_view> behind(std::string_view beginning, std::string_view text) {
  if (!text.starts_with(beginning)) return std::nullopt;
  return text.substr(beginning.size());
}

/// The status in `Failed to fetch image: HTTP error: 404`.
std::optional<int> status_in(std::string_view text) {
  const auto number = behind(kStatus, text);
  if (!number) return std::nullopt;
  int status = 0;
  const char* end = number->data() + number->size();
  const auto [stopped, fault] = std::from_chars(number->data(), end, status);
  if (fault != std::errc{} || stopped != end || status < 100 || status > 999) return std::nullopt;
  return status;
}

}  // namespace

std::string error_text(const Error& error) {
  if (error.code == ErrorCode::kHttpStatus && error.http_status != 0) {
    return fmt::format("{}{}", kStatus, error.http_status);
  }
  return fmt::format("{}{}", beginning(error.code), error.message);
}

std::string message_of(ErrorCode code, std::string_view text) {
  if (const auto status = status_in(text); status && code == ErrorCode::kHttpStatus) {
    return make_http_status_error(*status).message;
  }
  return std::string(behind(beginning(code), text).value_or(text));
}

Error error_of_text(std::string_view text) {
  if (const auto status = status_in(text)) return make_http_status_error(*status);
  if (const auto why = behind(kFetch, text)) return make_error(ErrorCode::kConnectFailed, std::string(*why));
  if (const auto why = behind(kOpen, text)) return make_error(ErrorCode::kDecodeFailed, std::string(*why));
  if (const auto why = behind(kInference, text)) return make_error(ErrorCode::kInferenceFailed, std::string(*why));
  if (const auto why = behind(kParsing, text)) return make_error(ErrorCode::kInferenceFailed, std::string(*why));
  return make_error(ErrorCode::kInternal, std::string(text));
}

}  // namespace curlew
