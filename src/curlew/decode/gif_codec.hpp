#pragma once

#include <memory>

#include "curlew/decode/codec.hpp"

namespace curlew {

/// Reads the first picture of a GIF and no byte behind it. What is transparent, and the screen around that picture, is
/// white; a screen too small for it grows, as in browsers. A GIF without a palette is grey.
///
/// Cost: 1 megapixel takes 9 ms. A row is held, or, of an interlaced picture, 1 byte a pixel; and giflib's 70 KB
///       from open() until read().
std::unique_ptr<Codec> make_gif_codec();

}  // namespace curlew
