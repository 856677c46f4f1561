#pragma once

#include <array>

#include "unit/decode/made_pictures.hpp"

namespace curlew::made {

struct BmpOptions {
  int bits = 24;
  bool top_down = false;
  int header_bytes = 40;                 ///< 12, 40, 108 or 124
  std::uint32_t compression = 0;         ///< 3: bit fields
  std::array<std::uint32_t, 4> masks{};  ///< red, green, blue, alpha; bit fields only
  std::vector<std::array<std::uint8_t, 3>> palette{};
};

/// `pixels` are values as the file has them (an index, a word of bit fields, 0xRRGGBB for 24 bits), from the top left.
Bytes bmp(SizePx size, const std::vector<std::uint32_t>& pixels, const BmpOptions& options = {});

/// The pixels of `picture` as 0xRRGGBB.
std::vector<std::uint32_t> words(const Picture& picture);

}  // namespace curlew::made
