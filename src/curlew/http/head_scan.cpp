#include <algorithm>

#include "curlew/http/request_head.hpp"

namespace curlew {
namespace {

constexpr int kMaxSkippedLines = 2;     // some old clients send one after a body
constexpr std::size_t kMaxMethod = 32;  // with the spaces and the version: what a request line has beside its target

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

}  // namespace

std::optional<HttpProblem> HeadScan::take_byte(char c) {
  if (after_return_) {
    after_return_ = false;
    if (c != '\n') return make_problem(HttpErrorCode::kMalformed, "a carriage return must be followed by a line feed");
    if (text_.empty()) {
      if (++skipped_lines_ > kMaxSkippedLines) {
        return make_problem(HttpErrorCode::kMalformed, "a request begins with a request line, not with empty lines");
      }
      return std::nullopt;
    }
    done_ = text_.size() == line_begin_;
    text_ += "\r\n";
    line_begin_ = text_.size();
    ++lines_;
    return std::nullopt;
  }
  if (c == '\r') {
    after_return_ = true;
    return std::nullopt;
  }
  if (c == '\n') return make_problem(HttpErrorCode::kMalformed, "a line must end with carriage return and line feed");
  if (is_control(c)) {
    return make_problem(HttpErrorCode::kMalformed, "the request has control characters; plain HTTP/1.1 is spoken here");
  }
  text_ += c;
  if (lines_ == 0 && text_.size() > limits_.target_bytes + kMaxMethod) {
    return make_problem(HttpErrorCode::kUriTooLong, "");
  }
  if (text_.size() + 4 > limits_.head_bytes) return make_problem(HttpErrorCode::kHeadTooLarge, "");
  return std::nullopt;
}

/// What a line has up to its end or its first fault, as far as no limit is met: all bytes but one or a few.
std::size_t HeadScan::take_plain(std::string_view bytes) {
  if (after_return_) return 0;
  std::size_t limit = limits_.head_bytes < 4 ? 0 : limits_.head_bytes - 4;
  if (lines_ == 0) limit = std::min<std::size_t>(limit, limits_.target_bytes + kMaxMethod);
  const std::string_view within = bytes.substr(0, limit - std::min(limit, text_.size()));
  const auto end = std::ranges::find_if(within, is_control);
  const auto taken = static_cast<std::size_t>(end - within.begin());
  text_ += within.substr(0, taken);
  return taken;
}

Result<std::size_t, HttpProblem> HeadScan::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (!done_) {
    taken += take_plain(bytes.substr(taken));
    if (taken == bytes.size()) break;
    if (auto problem = take_byte(bytes[taken++])) return tl::make_unexpected(std::move(*problem));
  }
  return taken;
}

}  // namespace curlew
