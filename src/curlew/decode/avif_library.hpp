#pragma once

#include <avif/avif.h>

#include <string>

#include "curlew/base/result.hpp"

namespace curlew {

/// The functions of libavif that Curlew calls, found in the library at run time: it brings several AV1 codecs, which
/// nobody needs before the first AVIF comes.
///
/// Threads: any.
struct AvifLibrary {
  decltype(&avifDecoderCreate) decoder_create = nullptr;
  decltype(&avifDecoderDestroy) decoder_destroy = nullptr;
  decltype(&avifDecoderSetIO) decoder_set_io = nullptr;
  decltype(&avifDecoderParse) decoder_parse = nullptr;
  decltype(&avifDecoderNextImage) decoder_next_image = nullptr;
  decltype(&avifImageCreateEmpty) image_create_empty = nullptr;
  decltype(&avifImageDestroy) image_destroy = nullptr;
  decltype(&avifImageSetViewRect) image_set_view_rect = nullptr;
  decltype(&avifRGBImageSetDefaults) rgb_image_set_defaults = nullptr;
  decltype(&avifImageYUVToRGB) image_yuv_to_rgb = nullptr;
};

/// Opens the library of this name; it stays open.
///
/// Errors: kUnsupportedFormat, with the package that brings it, where it is missing or another one.
Result<AvifLibrary> open_avif_library(const std::string& name);

/// The library that Curlew was compiled for, opened by the first call, as is its failure.
const Result<AvifLibrary>& avif_library();

}  // namespace curlew
