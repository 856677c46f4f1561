#pragma once

#include <cstddef>
#include <span>

#include "curlew/base/result.hpp"
#include "curlew/decode/orientation.hpp"

namespace curlew {

/// What the chunks of a WebP tell without a look into the picture itself.
struct WebpChunks {
  SizePx canvas;                       ///< 0 x 0 where the file is a bare picture
  bool placed = false;                 ///< the picture is the first of an animation, and lies at `frame` on the canvas
  RectPx frame;                        ///< where `placed`
  std::span<const std::byte> image;    ///< the chunks ALPH and VP8, or VP8 or VP8L alone, as far as the bytes go
  bool whole = false;                  ///< `image` is there to its end, and whatever tells how to turn it
  std::span<const std::byte> profile;  ///< the ICC profile; empty: none
  Orientation orientation = Orientation::kUpright;
};

/// Finds the first picture of a WebP and what stands around it. Of an animation it looks no further than that picture
/// and the headers of the chunks behind it, which may be missing or nonsense.
///
/// Errors: kDecodeFailed where there is no picture.
/// Source: WebP container specification: RIFF, VP8X, ANMF, ALPH, ICCP, EXIF.
Result<WebpChunks> read_webp_chunks(std::span<const std::byte> bytes);

}  // namespace curlew
