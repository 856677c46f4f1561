#include "curlew/core/picture.hpp"

namespace curlew {

std::string_view to_string(PictureFormat format) {
  switch (format) {
    case PictureFormat::kJpeg:
      return "jpeg";
    case PictureFormat::kPng:
      return "png";
    case PictureFormat::kWebp:
      return "webp";
    case PictureFormat::kGif:
      return "gif";
    case PictureFormat::kBmp:
      return "bmp";
    case PictureFormat::kAvif:
      break;
  }
  return "avif";
}

}  // namespace curlew
