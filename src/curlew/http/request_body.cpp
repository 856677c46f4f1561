#include "curlew/http/request_body.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace curlew {
namespace {

constexpr std::size_t kProvenBytes = std::size_t{1024} * 1024;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

}  // namespace

BodyReader::BodyReader(const Framing& framing, ByteCount max_bytes, const HttpLimits& limits)
    : limits_(limits), max_bytes_(max_bytes), state_(framing.chunked ? State::kSize : State::kPlain) {
  if (framing.chunked) return;
  left_ = framing.length;
  declared_ = framing.length;
  too_large_ = left_ > max_bytes_;
  if (left_ == 0) state_ = State::kDone;
}

std::size_t BodyReader::take_data(std::string_view bytes) {
  const auto taken = static_cast<std::size_t>(std::min<ByteCount>(left_, bytes.size()));
  // All its room at once, but only for a client that has sent more than words.
  if (state_ == State::kPlain && body_.size() >= kProvenBytes) body_.reserve(static_cast<std::size_t>(declared_));
  body_.append(bytes.substr(0, taken));
  left_ -= taken;
  if (left_ == 0) state_ = state_ == State::kPlain ? State::kDone : State::kDataReturn;
  return taken;
}

bool BodyReader::end_size_line() {
  if (!has_digits_) return false;
  has_digits_ = false;
  extension_bytes_ = 0;
  too_large_ = left_ > max_bytes_ - std::min<ByteCount>(max_bytes_, body_.size());
  state_ = left_ > 0 ? State::kData : State::kTrailer;
  return true;
}

bool BodyReader::take_framing_byte(char c) {
  switch (state_) {
    case State::kSize: {
      const int digit = hex_digit(c);
      if (digit >= 0) {
        if (left_ > (std::numeric_limits<ByteCount>::max() >> 4U)) return false;
        left_ = (left_ << 4U) | static_cast<ByteCount>(digit);
        has_digits_ = true;
        return true;
      }
      state_ = c == '\r' ? State::kSizeEnd : State::kExtension;
      return has_digits_ && (c == '\r' || c == ';');
    }
    case State::kExtension:
      if (c == '\r') {
        state_ = State::kSizeEnd;
        return true;
      }
      return !is_control(c) && ++extension_bytes_ <= limits_.chunk_extension_bytes;
    case State::kSizeEnd:
      return c == '\n' && end_size_line();
    case State::kDataReturn:
      state_ = State::kDataEnd;
      return c == '\r';
    case State::kDataEnd:
      state_ = State::kSize;
      return c == '\n';
    case State::kTrailer:
      if (++trailer_bytes_ > limits_.trailer_bytes) return false;
      if (c == '\r') {
        state_ = State::kTrailerEnd;
        return true;
      }
      trailer_line_empty_ = false;
      return !is_control(c);
    case State::kTrailerEnd:
      state_ = trailer_line_empty_ ? State::kDone : State::kTrailer;
      trailer_line_empty_ = true;
      return c == '\n';
    case State::kPlain:
    case State::kData:
    case State::kDone:
      break;
  }
  return false;
}

Result<std::size_t, HttpProblem> BodyReader::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (!too_large_ && taken < bytes.size() && state_ != State::kDone) {
    if (state_ == State::kPlain || state_ == State::kData) {
      taken += take_data(bytes.substr(taken));
    } else if (!take_framing_byte(bytes[taken++])) {
      return tl::make_unexpected(make_problem(HttpErrorCode::kMalformed, "the chunks of the body are broken"));
    }
  }
  if (too_large_) {
    HttpProblem problem = make_problem(HttpErrorCode::kBodyTooLarge, "");
    problem.members.emplace_back("limit_bytes", static_cast<std::int64_t>(max_bytes_));
    return tl::make_unexpected(std::move(problem));
  }
  return taken;
}

}  // namespace curlew
