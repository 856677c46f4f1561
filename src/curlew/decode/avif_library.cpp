#include "curlew/decode/avif_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, AvifLibrary& to) {
  return find(library, "avifDecoderCreate", to.decoder_create) &&
         find(library, "avifDecoderDestroy", to.decoder_destroy) &&
         find(library, "avifDecoderSetIO", to.decoder_set_io) && find(library, "avifDecoderParse", to.decoder_parse) &&
         find(library, "avifDecoderNextImage", to.decoder_next_image) &&
         find(library, "avifImageCreateEmpty", to.image_create_empty) &&
         find(library, "avifImageDestroy", to.image_destroy) &&
         find(library, "avifImageSetViewRect", to.image_set_view_rect) &&
         find(library, "avifRGBImageSetDefaults", to.rgb_image_set_defaults) &&
         find(library, "avifImageYUVToRGB", to.image_yuv_to_rgb);
}

// Debian's way from a library's name to its package: libavif.so.15 is in libavif15.
std::string package_of(std::string name) {
  if (const auto at = name.find(".so."); at != std::string::npos) name.erase(at, 4);
  return name;
}

}  // namespace

Result<AvifLibrary> open_avif_library(const std::string& name) {
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  AvifLibrary functions;
  if (library != nullptr && find_all(library, functions)) return functions;
  const char* why = dlerror();
  log_warning("AVIF pictures are not read: {}", why == nullptr ? "no reason is known" : why);
  return failure(
      ErrorCode::kUnsupportedFormat,
      fmt::format("AVIF pictures are not read here: {} is not installed (Debian's package {}); install it, or "
                  "send the picture as JPEG or PNG",
                  name, package_of(name)));
}

const Result<AvifLibrary>& avif_library() {
  static const Result<AvifLibrary> kLibrary = open_avif_library(CURLEW_AVIF_LIBRARY);
  return kLibrary;
}

}  // namespace curlew
