#include "curlew/core/placement.hpp"

#include <algorithm>

namespace curlew {
namespace {

float clipped(double value, int most) { return static_cast<float>(std::clamp(value, 0.0, static_cast<double>(most))); }

}  // namespace

PointF to_input(const Placement& placement, PointF original) {
  return {.x = original.x * placement.scale_x + placement.offset_x_px,
          .y = original.y * placement.scale_y + placement.offset_y_px};
}

PointF to_original(const Placement& placement, PointF input) {
  return {.x = (input.x - placement.offset_x_px) / placement.scale_x,
          .y = (input.y - placement.offset_y_px) / placement.scale_y};
}

Box to_original(const Placement& placement, const Box& input_pixels) {
  const PointF first = to_original(placement, PointF{.x = input_pixels.x1, .y = input_pixels.y1});
  const PointF last = to_original(placement, PointF{.x = input_pixels.x2, .y = input_pixels.y2});
  return {.x1 = clipped(first.x, placement.original_width_px),
          .y1 = clipped(first.y, placement.original_height_px),
          .x2 = clipped(last.x, placement.original_width_px),
          .y2 = clipped(last.y, placement.original_height_px)};
}

}  // namespace curlew
