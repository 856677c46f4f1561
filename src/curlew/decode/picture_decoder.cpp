#include "curlew/decode/picture_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <new>

#include "curlew/base/log.hpp"
#include "curlew/decode/bmp_codec.hpp"
#include "curlew/decode/geometry.hpp"
#include "curlew/decode/jpeg_codec.hpp"
#include "curlew/decode/png_codec.hpp"
#include "curlew/decode/sniff.hpp"

namespace curlew {
namespace {

Result<void> check_limits(SizePx size, const DecodeLimits& limits) {
  const std::uint64_t pixels = static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
  if (size.width <= limits.side_px && size.height <= limits.side_px && pixels <= limits.pixels) return {};
  return failure(ErrorCode::kTooManyPixels,
                 fmt::format("the picture has {} x {} pixels; at most {} in all and {} a side are read", size.width,
                             size.height, limits.pixels, limits.side_px));
}

}  // namespace

PictureDecoder::PictureDecoder(const DecodeLimits& limits)
    : limits_(limits), jpeg_(make_jpeg_codec()), png_(make_png_codec()), bmp_(make_bmp_codec()) {}

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
  Codec* codec = codec_for(*kind);
  if (codec == nullptr) {
    return failure(ErrorCode::kUnsupportedFormat,
                   fmt::format("{} pictures are not read yet; send it as JPEG or PNG", to_string(*kind)));
  }
  const auto stored = codec->open(bytes);
  if (!stored) return tl::make_unexpected(stored.error());
  if (const auto within = check_limits(stored->size, limits_); !within) return tl::make_unexpected(within.error());

  const SizePx upright = upright_size(stored->size, stored->orientation);
  const Framing framing = frame(upright, format);
  const RectPx& to = framing.destination;
  const RectF source = stored_rectangle(framing.source, stored->size, stored->orientation);
  const SizePx stored_to = upright_size({.width = to.width, .height = to.height}, stored->orientation);
  const int eighths = codec->scales() ? decode_eighths(source, stored_to, format.fit.filter) : 8;

  if (to.width < format.width_px || to.height < format.height_px) std::ranges::fill(rgb, format.fit.fill);
  resizer_.begin({.rows = size_at(stored->size, eighths),
                  .source = rectangle_at(source, eighths),
                  .orientation = stored->orientation,
                  .filter = format.fit.filter,
                  .destination = to,
                  .output_width = format.width_px},
                 rgb);
  if (auto read = codec->read(eighths, resizer_); !read) return tl::make_unexpected(std::move(read.error()));
  if (!resizer_.complete()) std::abort();  // a codec that says that all is well has given every row

  return DecodedPicture{.info = {.width_px = upright.width,
                                 .height_px = upright.height,
                                 .format = *kind,
                                 .bytes = bytes.size(),
                                 .sha256 = {}},
                        .placement = framing.placement};
}

Codec* PictureDecoder::codec_for(PictureFormat format) const {
  switch (format) {
    case PictureFormat::kJpeg:
      return jpeg_.get();
    case PictureFormat::kPng:
      return png_.get();
    case PictureFormat::kBmp:
      return bmp_.get();
    case PictureFormat::kWebp:
    case PictureFormat::kGif:
    case PictureFormat::kAvif:
      break;
  }
  return nullptr;
}

}  // namespace curlew
