#pragma once

#include <vector>

#include "curlew/core/picture.hpp"

namespace curlew {

/// Which pixels of one axis make one pixel of the result: first * first_weight + the sum of all between * inner_weight
/// + last * last_weight. The weights of all its pixels sum to 1; where first == last, last_weight is 0.
struct Span {
  int first = 0;
  int last = 0;
  float first_weight = 1;
  float inner_weight = 0;
  float last_weight = 0;
};

/// The spans of `count` pixels that show [start, start + length) of an axis of `size` pixels. Both ends of a span never
/// fall from one to the next.
///
/// kArea: the mean over the part that a pixel covers; where that is less than a pixel (enlarging), as kBilinear.
/// kBilinear: the two pixels about the point, half-pixel centres; outside the axis its border pixel goes on.
/// Shape: 0 <= start, length > 0, start + length <= size, count >= 1.
std::vector<Span> spans_of(double start, double length, int size, int count, Fit::Filter filter);

}  // namespace curlew
