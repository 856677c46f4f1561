#pragma once

#include <memory>

#include "curlew/decode/codec.hpp"

namespace curlew {

/// A progressive JPEG with more scans than this is refused: real ones have 3 to 20, and each costs a pass over the
/// whole picture however few bytes it has.
inline constexpr int kMaxJpegScans = 100;

/// Baseline, progressive and arithmetic-coded JPEG; grey, YCbCr, RGB, and CMYK and YCCK by plain formula.
///
/// Damage that loses pixels is kDecodeFailed; what loses none (stray bytes, odd headers, a missing end marker) is
/// logged.
std::unique_ptr<Codec> make_jpeg_codec();

}  // namespace curlew
