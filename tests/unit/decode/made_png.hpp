#pragma once

#include <array>

#include "unit/decode/made_pictures.hpp"

namespace curlew::made {

/// A PNG before it is packed: samples as the file has them.
struct PngSource {
  SizePx size;
  int bit_depth = 8;
  int colour_type = 2;
  bool interlaced = false;
  std::vector<std::uint16_t> samples;                ///< channel by channel, pixel by pixel, row by row
  std::vector<std::array<std::uint8_t, 3>> palette;  ///< PLTE, where not empty
  Bytes transparency;                                ///< tRNS, where not empty
  Bytes exif;                                        ///< eXIf, where not empty
  std::size_t data_chunk_bytes = 8192;               ///< how the data is cut into IDAT chunks
};

/// RGB of 8 bits.
PngSource png_source(const Picture& picture);

Bytes png(const PngSource& source);

/// A whole chunk with its length and checksum.
Bytes png_chunk(std::string_view name, std::span<const std::byte> body);

/// A zlib stream of `raw` that compresses nothing.
Bytes packed(std::span<const std::byte> raw);

/// Black, 1 bit a pixel, packed as small as deflate can.
Bytes black_png(SizePx size);

}  // namespace curlew::made
