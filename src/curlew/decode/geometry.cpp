#include "curlew/decode/geometry.hpp"

#include <algorithm>
#include <cstdint>

namespace curlew {
namespace {

RectF centre_square(SizePx upright, double crop_fraction) {
  const double fraction = std::clamp(crop_fraction, 0.0, 1.0);
  const double side = std::max(1.0, fraction * std::min(upright.width, upright.height));
  return {.x = (upright.width - side) / 2, .y = (upright.height - side) / 2, .width = side, .height = side};
}

// Whole numbers, so that the side that fits exactly never comes out one pixel short.
RectPx letterbox(SizePx upright, const InputFormat& format) {
  const std::int64_t by_width = std::int64_t{upright.height} * format.width_px;
  const std::int64_t by_height = std::int64_t{upright.width} * format.height_px;
  RectPx rect{.x = 0, .y = 0, .width = format.width_px, .height = format.height_px};
  if (by_height >= by_width) {
    rect.height = static_cast<int>(std::max<std::int64_t>(1, by_width / upright.width));
  } else {
    rect.width = static_cast<int>(std::max<std::int64_t>(1, by_height / upright.height));
  }
  return rect;
}

}  // namespace

Framing frame(SizePx upright, const InputFormat& format) {
  Framing framing;
  framing.source = {
      .x = 0, .y = 0, .width = static_cast<double>(upright.width), .height = static_cast<double>(upright.height)};
  framing.destination = {.x = 0, .y = 0, .width = format.width_px, .height = format.height_px};
  switch (format.fit.kind) {
    case Fit::Kind::kSquash:
      break;
    case Fit::Kind::kCentreCrop:
      framing.source = centre_square(upright, format.fit.crop_fraction);
      break;
    case Fit::Kind::kLetterbox:
      framing.destination = letterbox(upright, format);
      break;
  }
  Placement& placement = framing.placement;
  placement.original_width_px = upright.width;
  placement.original_height_px = upright.height;
  placement.scale_x = framing.destination.width / framing.source.width;
  placement.scale_y = framing.destination.height / framing.source.height;
  placement.offset_x_px = framing.destination.x - framing.source.x * placement.scale_x;
  placement.offset_y_px = framing.destination.y - framing.source.y * placement.scale_y;
  return framing;
}

int decode_eighths(const RectF& source, SizePx destination, Fit::Filter filter) {
  const int oversampling = filter == Fit::Filter::kBilinear ? 3 : 1;
  for (const int eighths : {1, 2, 4}) {
    const RectF scaled = rectangle_at(source, eighths);
    if (scaled.width >= oversampling * destination.width && scaled.height >= oversampling * destination.height) {
      return eighths;
    }
  }
  return 8;
}

SizePx size_at(SizePx full, int eighths) {
  return {.width = (full.width * eighths + 7) / 8, .height = (full.height * eighths + 7) / 8};
}

RectF rectangle_at(const RectF& full, int eighths) {
  const double scale = eighths / 8.0;
  return {.x = full.x * scale, .y = full.y * scale, .width = full.width * scale, .height = full.height * scale};
}

}  // namespace curlew
