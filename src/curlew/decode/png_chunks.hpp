#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "curlew/base/result.hpp"
#include "curlew/decode/codec.hpp"

namespace curlew {

/// The parts of a PNG that make its pixels. All other chunks (texts, thumbnails, animation) are left out, so that no
/// library unpacks them.
struct PngChunks {
  StoredPicture picture;
  int bit_depth = 0;
  int colour_type = 0;
  bool interlaced = false;
  bool has_transparency = false;       ///< an alpha channel, or a tRNS chunk
  std::size_t data_bytes = 0;          ///< of the IDAT chunks, compressed
  std::span<const std::byte> profile;  ///< the body of the iCCP chunk, compressed; empty where an sRGB chunk is
  /// What goes to the decoder, in order: signature and IHDR, PLTE, tRNS, the IDAT chunks; each whole, or as far as the
  /// bytes go; empty where there is none.
  std::array<std::span<const std::byte>, 4> parts;
};

/// Walks over the chunks; allocates nothing, unpacks nothing, leaves checksums to the decoder.
///
/// Errors: kDecodeFailed, kUnsupportedFormat (Apple's variant, whose data no other program reads).
/// Source: PNG specification, third edition, section 5; eXIf as in section 11.
Result<PngChunks> read_png_chunks(std::span<const std::byte> bytes);

/// The bytes of the pixels before compression, filter bytes and the rounding of rows left out.
std::uint64_t unpacked_bytes(const PngChunks& chunks);

}  // namespace curlew
