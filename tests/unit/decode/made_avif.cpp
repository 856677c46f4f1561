#include "unit/decode/made_avif.hpp"

#include <avif/avif.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace curlew::made {
namespace {

struct Close {
  void operator()(avifImage* image) const { avifImageDestroy(image); }
  void operator()(avifEncoder* encoder) const { avifEncoderDestroy(encoder); }
};
using Image = std::unique_ptr<avifImage, Close>;

void must(avifResult result) {
  if (result != AVIF_RESULT_OK) std::abort();
}

avifPixelFormat format_of(AvifOptions::Chroma chroma) {
  switch (chroma) {
    case AvifOptions::Chroma::kFull:
      return AVIF_PIXEL_FORMAT_YUV444;
    case AvifOptions::Chroma::kHalved:
      return AVIF_PIXEL_FORMAT_YUV420;
    case AvifOptions::Chroma::kNone:
      return AVIF_PIXEL_FORMAT_YUV400;
  }
  std::abort();
}

/// The part of the picture that begins at column `x`.
Image image_of(const Picture& picture, const AvifOptions& options, int x, int width) {
  const auto height = static_cast<std::uint32_t>(picture.size.height);
  Image image(avifImageCreate(static_cast<std::uint32_t>(width), height, static_cast<std::uint32_t>(options.depth),
                              format_of(options.chroma)));
  image->yuvRange = AVIF_RANGE_FULL;
  image->matrixCoefficients = AVIF_MATRIX_COEFFICIENTS_BT601;
  image->alphaPremultiplied = options.premultiplied ? AVIF_TRUE : AVIF_FALSE;
  std::vector<std::uint8_t> rgba;
  for (int row = 0; row < picture.size.height; ++row) {
    for (int column = x; column < x + width; ++column) {
      rgba.insert(rgba.end(), picture.at(column, row), picture.at(column, row) + 3);
      const auto pixel = static_cast<std::size_t>(row) * picture.size.width + static_cast<std::size_t>(column);
      rgba.push_back(options.alpha.empty() ? std::uint8_t{255} : options.alpha.at(pixel));
    }
  }
  avifRGBImage from{};
  avifRGBImageSetDefaults(&from, image.get());
  from.depth = 8;
  from.format = AVIF_RGB_FORMAT_RGBA;
  from.ignoreAlpha = options.alpha.empty() ? AVIF_TRUE : AVIF_FALSE;
  from.alphaPremultiplied = image->alphaPremultiplied;
  from.pixels = rgba.data();
  from.rowBytes = static_cast<std::uint32_t>(width) * 4;
  must(avifImageRGBToYUV(image.get(), &from));
  if (options.quarter_turns) {
    image->transformFlags |= AVIF_TRANSFORM_IROT;
    image->irot.angle = static_cast<std::uint8_t>(*options.quarter_turns);
  }
  if (options.mirror) {
    image->transformFlags |= AVIF_TRANSFORM_IMIR;
    image->imir.mode = static_cast<std::uint8_t>(*options.mirror);
  }
  const auto* profile = reinterpret_cast<const std::uint8_t*>(options.profile.data());
  if (!options.profile.empty()) avifImageSetProfileICC(image.get(), profile, options.profile.size());
  if (!options.exif.empty()) {
    avifRWDataSet(&image->exif, reinterpret_cast<const std::uint8_t*>(options.exif.data()), options.exif.size());
  }
  return image;
}

}  // namespace

Bytes avif(const Picture& picture, const AvifOptions& options) {
  const std::unique_ptr<avifEncoder, Close> encoder(avifEncoderCreate());
  encoder->codecChoice = AVIF_CODEC_CHOICE_AOM;
  encoder->speed = AVIF_SPEED_FASTEST;
  encoder->timescale = 10;
  encoder->minQuantizer = 0;
  encoder->maxQuantizer = 4;
  const int width = picture.size.width / options.columns;
  if (options.columns > 1) {
    std::vector<Image> cells;
    std::vector<const avifImage*> pointers;
    for (int i = 0; i < options.columns; ++i) {
      pointers.push_back(cells.emplace_back(image_of(picture, options, i * width, width)).get());
    }
    must(avifEncoderAddImageGrid(encoder.get(), static_cast<std::uint32_t>(options.columns), 1, pointers.data(),
                                 AVIF_ADD_IMAGE_FLAG_SINGLE));
  } else {
    Picture grey(picture.size);
    std::ranges::fill(grey.rgb, std::uint8_t{128});
    for (int i = 0; i < options.frames; ++i) {
      const Image image = image_of(i == 0 ? picture : grey, options, 0, width);
      must(avifEncoderAddImage(encoder.get(), image.get(), 1,
                               options.frames == 1 ? AVIF_ADD_IMAGE_FLAG_SINGLE : AVIF_ADD_IMAGE_FLAG_NONE));
    }
  }
  avifRWData out = AVIF_DATA_EMPTY;
  must(avifEncoderFinish(encoder.get(), &out));
  const auto* begin = reinterpret_cast<const std::byte*>(out.data);
  Bytes bytes(begin, begin + out.size);
  avifRWDataFree(&out);
  return bytes;
}

std::size_t find_box(const Bytes& avif, std::string_view name, int n) {
  const std::string_view text(reinterpret_cast<const char*>(avif.data()), avif.size());
  std::size_t at = text.find(name);
  while (at != std::string_view::npos && n-- > 0) at = text.find(name, at + 1);
  return at == std::string_view::npos ? avif.size() : at - 4;
}

}  // namespace curlew::made
