#pragma once

#include <string>

#include "curlew/base/result.hpp"
#include "curlew/draw/canvas.hpp"

namespace curlew {

/// A JPEG file of these pixels: quality 92, colours as finely sampled as brightness, so that coloured lines stay clean.
///
/// Errors: kInternal: no memory, or a picture that the format cannot hold.
Result<std::string> encode_jpeg(const BgrxRows& rows);

/// A PNG file of these pixels, 8 bits a channel.
///
/// Errors: as encode_jpeg.
Result<std::string> encode_png(const BgrxRows& rows);

}  // namespace curlew
