#pragma once

#include <cstdint>
#include <string>

#include "curlew/base/result.hpp"
#include "curlew/draw/pixels.hpp"

namespace curlew {

/// How much of a picture its JPEG file keeps.
struct JpegDetail {
  enum class Colours : std::uint8_t {
    kOfEachPixel,  ///< as finely sampled as brightness (4:4:4), so that coloured lines stay clean
    kOfEachFour    ///< of two by two pixels together (4:2:0), which nobody sees in a photograph
  };
  int quality = 92;  ///< 1 to 100. No block edges around letters; 95 takes a third more bytes
  Colours colours = Colours::kOfEachPixel;
};

/// A JPEG file of these pixels.
///
/// Errors: kInternal: no memory, or a picture that the format cannot hold.
Result<std::string> encode_jpeg(const BgrxRows& rows, const JpegDetail& detail = {});

/// The same. Shape: picture.rgb.size() == width_px * height_px * 3; another size is a bug of the caller and aborts.
Result<std::string> encode_jpeg(const RgbView& picture, const JpegDetail& detail);

/// A PNG file of these pixels, 8 bits a channel.
///
/// Errors: as encode_jpeg.
Result<std::string> encode_png(const BgrxRows& rows);

}  // namespace curlew
