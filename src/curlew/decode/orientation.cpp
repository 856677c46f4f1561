#include "curlew/decode/orientation.hpp"

#include <utility>

namespace curlew {

Turn turn_of(Orientation orientation) {
  switch (orientation) {
    case Orientation::kUpright:
      break;
    case Orientation::kMirrored:
      return {.swaps_axes = false, .reverses_x = true, .reverses_y = false};
    case Orientation::kUpsideDown:
      return {.swaps_axes = false, .reverses_x = true, .reverses_y = true};
    case Orientation::kFlipped:
      return {.swaps_axes = false, .reverses_x = false, .reverses_y = true};
    case Orientation::kTransposed:
      return {.swaps_axes = true, .reverses_x = false, .reverses_y = false};
    case Orientation::kTurnClockwise:
      return {.swaps_axes = true, .reverses_x = false, .reverses_y = true};
    case Orientation::kTransversed:
      return {.swaps_axes = true, .reverses_x = true, .reverses_y = true};
    case Orientation::kTurnAnticlockwise:
      return {.swaps_axes = true, .reverses_x = true, .reverses_y = false};
  }
  return {};
}

SizePx upright_size(SizePx stored, Orientation orientation) {
  if (turn_of(orientation).swaps_axes) std::swap(stored.width, stored.height);
  return stored;
}

RectF stored_rectangle(const RectF& upright, SizePx stored, Orientation orientation) {
  const Turn turn = turn_of(orientation);
  RectF rect = upright;
  if (turn.swaps_axes) {
    std::swap(rect.x, rect.y);
    std::swap(rect.width, rect.height);
  }
  if (turn.reverses_x) rect.x = stored.width - (rect.x + rect.width);
  if (turn.reverses_y) rect.y = stored.height - (rect.y + rect.height);
  return rect;
}

}  // namespace curlew
