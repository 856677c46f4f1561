#include "curlew/decode/sampling.hpp"

#include <algorithm>
#include <cmath>

namespace curlew {
namespace {

Span bilinear_span(double centre, int size) {
  const double position = std::clamp(centre - 0.5, 0.0, size - 1.0);
  Span span;
  span.first = static_cast<int>(position);
  span.last = std::min(span.first + 1, size - 1);
  const double fraction = position - span.first;
  if (span.first == span.last || fraction == 0) {
    span.last = span.first;
    return span;
  }
  span.first_weight = static_cast<float>(1 - fraction);
  span.last_weight = static_cast<float>(fraction);
  return span;
}

// A part of a pixel smaller than this is what rounding left of the rectangle, not of the picture.
constexpr double kSliver = 1e-6;

Span area_span(double begin, double end, int size) {
  begin = std::max(begin, 0.0);
  end = std::min(end, static_cast<double>(size));
  Span span;
  span.first = std::clamp(static_cast<int>(std::floor(begin + kSliver)), 0, size - 1);
  span.last = std::clamp(static_cast<int>(std::ceil(end - kSliver)) - 1, span.first, size - 1);
  if (span.first == span.last) return span;
  const double first = std::min(1.0, span.first + 1 - begin);
  const double last = std::min(1.0, end - span.last);
  const double whole = first + last + (span.last - span.first - 1);
  span.first_weight = static_cast<float>(first / whole);
  span.inner_weight = static_cast<float>(1 / whole);
  span.last_weight = static_cast<float>(last / whole);
  return span;
}

}  // namespace

std::vector<Span> spans_of(double start, double length, int size, int count, Fit::Filter filter) {
  const double step = length / count;
  const bool averages = filter == Fit::Filter::kArea && step >= 1;
  std::vector<Span> spans;
  spans.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    spans.push_back(averages ? area_span(start + i * step, start + (i + 1) * step, size)
                             : bilinear_span(start + (i + 0.5) * step, size));
  }
  return spans;
}

}  // namespace curlew
