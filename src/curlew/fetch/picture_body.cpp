#include "curlew/fetch/picture_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace curlew {
namespace {

/// What a body of unknown length begins with; most pictures are larger.
constexpr ByteCount kFirstCapacity = 64 * kKiB;

}  // namespace

Result<Body::Room> PictureBody::begin(const AnswerHead& head) {
  if (head.length.value_or(0) > limit_) {
    return failure(ErrorCode::kTooLarge, fmt::format("the picture has more than the {} bytes allowed", limit_));
  }
  expected_ = head.length.value_or(limit_);
  if (expected_ > 0) {
    auto reservation = budget_.try_reserve(expected_);
    if (!reservation) return Room::kNone;
    reservation_ = std::move(*reservation);
  }
  bytes_.reserve(head.length ? expected_ : std::min(limit_, kFirstCapacity));
  return Room::kReady;
}

Result<void> PictureBody::write(std::span<const std::byte> bytes) {
  if (bytes.size() > expected_ - bytes_.size()) {
    return failure(ErrorCode::kTooLarge, expected_ < limit_
                                             ? "the origin sent more bytes than it had declared"
                                             : fmt::format("the picture has more than the {} bytes allowed", limit_));
  }
  const std::size_t needed = bytes_.size() + bytes.size();
  if (needed > bytes_.capacity())
    bytes_.reserve(std::min<std::size_t>(expected_, std::max(needed, 2 * bytes_.capacity())));
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return {};
}

void PictureBody::finish() {
  bytes_.shrink_to_fit();  // else more memory is held than the budget knows of
  reservation_.shrink_to(bytes_.size());
}

void PictureBody::reset() {
  bytes_ = {};
  reservation_ = {};
  expected_ = 0;
}

}  // namespace curlew
