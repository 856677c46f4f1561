#pragma once

#include "curlew/core/item_result.hpp"
#include "curlew/core/picture.hpp"

namespace curlew {

struct PointF {
  double x = 0;
  double y = 0;
};

/// Where a point of the upright original lies in the network's input, and the way back. Points lie between pixels: the
/// centre of the first pixel is (0.5, 0.5).
///
/// Shape:  both scales of `placement` are positive.
PointF to_input(const Placement& placement, PointF original);
PointF to_original(const Placement& placement, PointF input);

/// The box of the upright original that `input_pixels`, in pixels of the network's input, stands for; clipped to the
/// original, so that a box wholly beside it comes out empty, on its edge.
///
/// Shape:  x1 <= x2 and y1 <= y2, which rules NaN out; both scales of `placement` are positive.
/// Units:  exact to a thousandth of a pixel up to 5,000 pixels a side; beyond, as a float is.
Box to_original(const Placement& placement, const Box& input_pixels);

}  // namespace curlew
