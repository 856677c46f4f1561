#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace curlew {

/// An upright picture: packed RGB of sRGB, 8 bits a channel, row-major, no row padding.
struct RgbView {
  int width_px = 0;
  int height_px = 0;
  std::span<const std::uint8_t> rgb;
};

/// Rows of pixels of four bytes: blue, green, red, and one that means nothing.
struct BgrxRows {
  const std::uint8_t* first = nullptr;
  int width_px = 0;
  int height_px = 0;
  std::ptrdiff_t row_bytes = 0;

  const std::uint8_t* row(int y) const { return first + y * row_bytes; }
};

}  // namespace curlew
