#pragma once

#include <memory>

#include "curlew/decode/codec.hpp"

namespace curlew {

/// How many scans a JPEG of this size may have. Real ones have 3 to 15; each costs a pass over the whole picture,
/// however few bytes it has, so that a small file could keep a core busy for long.
///
/// Units: 100 up to 10 megapixels, then as many as pass over a thousand megapixels, but 20 at least.
int most_jpeg_scans(SizePx size);

/// Baseline, progressive and arithmetic-coded JPEG; grey, YCbCr and RGB; CMYK and YCCK as rows of four inks.
///
/// Damage that loses pixels is kDecodeFailed; what loses none (stray bytes, odd headers, a missing end marker) is
/// logged.
std::unique_ptr<Codec> make_jpeg_codec();

}  // namespace curlew
