#include "curlew/decode/jpeg_segments.hpp"

namespace curlew {

std::optional<JpegSegment> JpegSegments::next() {
  const auto byte_at = [&](std::size_t i) { return std::to_integer<unsigned>(jpeg_[i]); };
  while (at_ + 4 <= jpeg_.size()) {
    if (byte_at(at_) != 0xFF) {
      ++at_;  // stray bytes before a marker: the decoder passes over them too
      continue;
    }
    const unsigned marker = byte_at(at_ + 1);
    const bool fill = marker == 0xFF;
    const bool bare = marker == 0x00 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
    if (fill || bare) {
      at_ += fill ? 1 : 2;
      continue;
    }
    if (marker == 0xDA || marker == 0xD9) return std::nullopt;  // the picture's data, or its end
    const std::size_t length = byte_at(at_ + 2) << 8U | byte_at(at_ + 3);
    if (length < 2 || jpeg_.size() - at_ - 2 < length) return std::nullopt;
    const auto payload = jpeg_.subspan(at_ + 4, length - 2);
    at_ += 2 + length;
    return JpegSegment{.marker = marker, .payload = payload};
  }
  return std::nullopt;
}

}  // namespace curlew
