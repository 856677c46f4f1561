#include "curlew/decode/avif_library.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "curlew/base/log.hpp"
#include "curlew/base/shared_library.hpp"

namespace curlew {
namespace {

bool find_all(void* library, AvifLibrary& to) {
  return find_function(library, "avifDecoderCreate", to.decoder_create) &&
         find_function(library, "avifDecoderDestroy", to.decoder_destroy) &&
         find_function(library, "avifDecoderSetIO", to.decoder_set_io) &&
         find_function(library, "avifDecoderParse", to.decoder_parse) &&
         find_function(library, "avifDecoderNextImage", to.decoder_next_image) &&
         find_function(library, "avifImageCreateEmpty", to.image_create_empty) &&
         find_function(library, "avifImageDestroy", to.image_destroy) &&
         find_function(library, "avifImageSetViewRect", to.image_set_view_rect) &&
         find_function(library, "avifRGBImageSetDefaults", to.rgb_image_set_defaults) &&
         find_function(library, "avifImageYUVToRGB", to.image_yuv_to_rgb);
}

}  // namespace

Result<AvifLibrary> open_avif_library(const std::string& name) {
  void* library = open_shared_library(name);
  AvifLibrary functions;
  if (library != nullptr && find_all(library, functions)) return functions;
  log_warning("AVIF pictures are not read");
  return failure(
      ErrorCode::kUnsupportedFormat,
      fmt::format("AVIF pictures are not read here: {} is not installed (Debian's package {}); install it, or "
                  "send the picture as JPEG or PNG",
                  name, package_of_library(name)));
}

const Result<AvifLibrary>& avif_library() {
  static const Result<AvifLibrary> kLibrary = open_avif_library(CURLEW_AVIF_LIBRARY);
  return kLibrary;
}

}  // namespace curlew
