#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace curlew {

struct JpegSegment {
  unsigned marker = 0;  ///< the byte behind 0xFF
  std::span<const std::byte> payload;
};

/// The segments of a JPEG's bytes before its first scan, in order.
///
/// Ownership: the bytes stay while it is used.
class JpegSegments {
 public:
  explicit JpegSegments(std::span<const std::byte> jpeg) : jpeg_(jpeg) {}

  /// Nothing at the first scan, at the end, and where the bytes end inside a segment.
  std::optional<JpegSegment> next();

 private:
  std::span<const std::byte> jpeg_;
  std::size_t at_ = 2;  ///< behind SOI
};

}  // namespace curlew
