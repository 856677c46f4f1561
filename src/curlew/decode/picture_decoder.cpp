#include "curlew/decode/picture_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <new>

#include "curlew/base/log.hpp"
#include "curlew/decode/avif_codec.hpp"
#include "curlew/decode/bmp_codec.hpp"
#include "curlew/decode/geometry.hpp"
#include "curlew/decode/gif_codec.hpp"
#include "curlew/decode/jpeg_codec.hpp"
#include "curlew/decode/png_codec.hpp"
#include "curlew/decode/sniff.hpp"
#include "curlew/decode/webp_codec.hpp"

namespace curlew {
namespace {

Result<void> check_limits(SizePx size, const DecodeLimits& limits) {
  const std::uint64_t pixels = static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
  if (size.width <= limits.side_px && size.height <= limits.side_px && pixels <= limits.pixels) return {};
  return failure(ErrorCode::kTooManyPixels,
                 fmt::format("the picture has {} x {} pixels; at most {} in all and {} a side are read", size.width,
                             size.height, limits.pixels, limits.side_px));
}

RgbRect rectangle_of(std::span<std::uint8_t> rgb, const InputFormat& format, const RectPx& rectangle) {
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{3} * format.width_px;
  return {.first = rgb.data() + rectangle.y * row_bytes + std::ptrdiff_t{3} * rectangle.x,
          .width = rectangle.width,
          .height = rectangle.height,
          .row_bytes = row_bytes};
}

std::unique_ptr<Codec> make_codec(PictureFormat format) {
  switch (format) {
    case PictureFormat::kJpeg:
      return make_jpeg_codec();
    case PictureFormat::kPng:
      return make_png_codec();
    case PictureFormat::kWebp:
      return make_webp_codec();
    case PictureFormat::kGif:
      return make_gif_codec();
    case PictureFormat::kBmp:
      return make_bmp_codec();
    case PictureFormat::kAvif:
      return make_avif_codec();
  }
  std::abort();
}

}  // namespace

PictureDecoder::PictureDecoder(const DecodeLimits& limits) : limits_(limits) {}

PictureDecoder::~PictureDecoder() = default;

Result<DecodedPicture> PictureDecoder::decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                                   std::span<std::uint8_t> rgb) {
  const auto wanted = static_cast<std::size_t>(format.width_px) * static_cast<std::size_t>(format.height_px) * 3;
  if (format.width_px < 1 || format.height_px < 1 || rgb.size() != wanted) std::abort();
  try {
    return decode(bytes, format, rgb);
  } catch (const std::bad_alloc&) {
    return failure(ErrorCode::kInternal, "there was not enough memory for this picture");
  } catch (const std::exception& fault) {
    log_error("decoding a picture failed: {}", fault.what());
    return failure(ErrorCode::kInternal, "the picture could not be decoded for a fault of Curlew");
  }
}

Result<DecodedPicture> PictureDecoder::decode(std::span<const std::byte> bytes, const InputFormat& format,
                                              std::span<std::uint8_t> rgb) {
  const auto kind = sniff(bytes);
  if (!kind) return tl::make_unexpected(kind.error());
  Codec& codec = codec_for(*kind);
  const auto stored = codec.open(bytes);
  if (!stored) return tl::make_unexpected(stored.error());
  if (const auto within = check_limits(stored->size, limits_); !within) return tl::make_unexpected(within.error());

  const SizePx upright = upright_size(stored->size, stored->orientation);
  const Framing framing = frame(upright, format);
  const RectPx& to = framing.destination;
  const RectF source = stored_rectangle(framing.source, stored->size, stored->orientation);
  const SizePx stored_to = upright_size({.width = to.width, .height = to.height}, stored->orientation);
  const int eighths = codec.scales() ? decode_eighths(source, stored_to, format.fit.filter) : 8;

  if (to.width < format.width_px || to.height < format.height_px) std::ranges::fill(rgb, format.fit.fill);
  const bool cmyk = stored->channels == 4;
  if (cmyk) inks_.resize(static_cast<std::size_t>(to.width) * static_cast<std::size_t>(to.height) * 4);
  resizer_.begin({.rows = size_at(stored->size, eighths),
                  .source = rectangle_at(source, eighths),
                  .orientation = stored->orientation,
                  .filter = format.fit.filter,
                  .destination = cmyk ? RectPx{.x = 0, .y = 0, .width = to.width, .height = to.height} : to,
                  .output_width = cmyk ? to.width : format.width_px,
                  .channels = stored->channels},
                 cmyk ? std::span(inks_) : rgb);
  if (auto read = codec.read(eighths, resizer_); !read) return tl::make_unexpected(std::move(read.error()));
  if (!resizer_.complete()) std::abort();  // a codec that says that all is well has given every row
  if (cmyk) {
    colour_.cmyk_to_srgb(stored->profile, inks_, rectangle_of(rgb, format, to));
  } else {
    colour_.rgb_to_srgb(stored->profile, rectangle_of(rgb, format, to));
  }

  return DecodedPicture{.info = {.width_px = upright.width,
                                 .height_px = upright.height,
                                 .format = *kind,
                                 .bytes = bytes.size(),
                                 .sha256 = {}},
                        .placement = framing.placement};
}

Codec& PictureDecoder::codec_for(PictureFormat format) {
  auto& codec = codecs_[format];
  if (!codec) codec = make_codec(format);
  return *codec;
}

}  // namespace curlew
