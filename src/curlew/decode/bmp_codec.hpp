#pragma once

#include <memory>

#include "curlew/decode/codec.hpp"

namespace curlew {

/// Uncompressed BMP of 1, 4, 8, 16, 24 and 32 bits a pixel, with a palette or bit fields, from either end.
///
/// An alpha channel lies over white; one that is 0 in every pixel was forgotten by the program that wrote it, and
/// counts as none. An index beyond the palette is black.
std::unique_ptr<Codec> make_bmp_codec();

}  // namespace curlew
