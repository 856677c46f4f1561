#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "curlew/base/result.hpp"
#include "curlew/decode/orientation.hpp"

namespace curlew {

/// Where one channel lies in a pixel of 16 or 32 bits.
struct BmpChannel {
  std::uint32_t mask = 0;
  int shift = 0;           ///< of the mask's lowest bit
  std::uint32_t most = 0;  ///< the mask, shifted down
};

/// A BMP's header, checked as far as that goes without its pixels.
struct BmpHeader {
  SizePx size;
  bool top_down = false;
  int bits = 0;                          ///< a pixel: 1, 4, 8, 16, 24 or 32
  std::array<BmpChannel, 4> channels{};  ///< red, green, blue, alpha; 16 and 32 bits only; an alpha mask of 0: none
  std::span<const std::byte> palette;    ///< `palette_step` bytes an entry: blue, green, red; 1, 4 and 8 bits only
  std::size_t palette_step = 4;
  std::size_t pixels_at = 0;
  std::size_t row_bytes = 0;   ///< of the pixels of a row
  std::size_t row_stride = 0;  ///< with its padding to four bytes
};

/// Errors: kUnsupportedFormat (run-length coding, JPEG or PNG inside, odd depths), kDecodeFailed.
/// Source: BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER of the Windows GDI.
Result<BmpHeader> read_bmp_header(std::span<const std::byte> bytes);

}  // namespace curlew
