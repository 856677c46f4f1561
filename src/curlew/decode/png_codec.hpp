#pragma once

#include <memory>

#include "curlew/decode/codec.hpp"

namespace curlew {

/// PNG of every colour type and depth, interlaced too. What is transparent lies over white; of 16 bits the upper 8
/// count.
///
/// Row by row, but for interlaced ones, which take 3 or 4 bytes a pixel while they are read.
std::unique_ptr<Codec> make_png_codec();

}  // namespace curlew
