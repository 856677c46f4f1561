#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "curlew/decode/sampling.hpp"

namespace curlew {

/// A row of the result that lies ready to be put together: its source rows' bytes, and the sum of those between.
struct SpanRows {
  const std::uint8_t* first;
  const std::uint32_t* inner;  ///< read only where the span has rows between its first and its last
  const std::uint8_t* last;
};

/// The loops of a RowResizer that touch every value. There are several sets of them, for CPUs of different width, which
/// give the same bytes.
struct ResizeKernels {
  /// sum[i] = row[i].
  void (*start_sum)(const std::uint8_t* row, std::uint32_t* sum, std::size_t count);
  /// sum[i] += row[i].
  void (*add_to_sum)(const std::uint8_t* row, std::uint32_t* sum, std::size_t count);
  /// line[i] = the mean of the rows that `span` weighs.
  void (*mix_rows)(const Span& span, const SpanRows& rows, float* line, std::size_t count);
  /// Makes a pixel of each span of `line`, and puts it `step` bytes behind the one before.
  ///
  /// Shape: `line` holds kLinePadding floats more than its pixels, none of them NaN.
  void (*mix_pixels)(std::span<const Span> spans, const float* line, std::uint8_t* out, std::ptrdiff_t step);
};

/// Pixels are read by four floats, of which one of three channels has no fourth.
inline constexpr std::size_t kLinePadding = 1;

/// Those for any CPU. Shape: `channels` is 3 or 4.
const ResizeKernels& plain_resize_kernels(int channels);

/// The fastest that this CPU runs.
const ResizeKernels& resize_kernels(int channels);

}  // namespace curlew
