#include "curlew/app/thumbnailer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "curlew/base/log.hpp"
#include "curlew/draw/encode.hpp"

namespace curlew {
namespace {

/// Some 5 KiB of a photograph; it is looked at in the size of a thumbnail, and has no letters drawn in it.
constexpr JpegDetail kDetail{.quality = 72, .colours = JpegDetail::Colours::kOfEachFour};

/// To the nearest whole pixel. The products stay small: limits.side_px bounds the sides.
int scaled(int side, int longer) { return std::max(1, (side * kThumbnailSidePx + longer / 2) / longer); }

}  // namespace

InputFormat thumbnail_format(int width_px, int height_px) {
  const int longer = std::max(width_px, height_px);
  if (longer <= kThumbnailSidePx) {
    return {.width_px = std::max(1, width_px), .height_px = std::max(1, height_px), .fit = {}};
  }
  return {.width_px = scaled(width_px, longer), .height_px = scaled(height_px, longer), .fit = {}};
}

Result<std::string> make_thumbnail(std::span<const std::byte> bytes, const PictureInfo& image, Decoder& decoder) {
  const InputFormat format = thumbnail_format(image.width_px, image.height_px);
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(format.width_px) * static_cast<std::size_t>(format.height_px) *
                                3);
  if (auto decoded = decoder.decode_into(bytes, format, rgb); !decoded) {
    return tl::make_unexpected(std::move(decoded.error()));
  }
  auto file = encode_jpeg({.width_px = format.width_px, .height_px = format.height_px, .rgb = rgb}, kDetail);
  if (file && file->size() > kMaxThumbnailBytes) {
    return failure(ErrorCode::kInternal, fmt::format("it would have {} bytes", file->size()));
  }
  return file;
}

void Thumbnailer::named(const Item& item, std::span<const std::byte> bytes, Success& success, Decoder& decoder) {
  if (!item.thumbnail) return;
  auto made = make_thumbnail(bytes, success.image, decoder);
  if (made) {
    success.image.thumbnail = std::move(*made);
  } else {
    log_warning("item {} of batch {} has no thumbnail: {}", item.index, item.batch, made.error().message);
  }
}

}  // namespace curlew
