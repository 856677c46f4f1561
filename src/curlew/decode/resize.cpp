#include "curlew/decode/resize.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace curlew {
namespace {

// Behind the last pixel of line_: write_row takes four floats a pixel, be it of three or of four.
constexpr std::size_t kPadding = 1;

// Four inks; or red, green, blue, and the next pixel's red, which nobody reads. The vector type of g++ and clang:
// neither makes vectors of three channels out of a loop.
using Lanes = float __attribute__((vector_size(16)));

Lanes lanes_at(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

// The weights sum to 1, so that the value lies in [0, 255] but for the last bits of a float, which the rounding
// swallows.
std::uint8_t to_byte(float value) { return static_cast<std::uint8_t>(static_cast<int>(value + 0.5F)); }

}  // namespace

void RowResizer::begin(const ResizeJob& job, std::span<std::uint8_t> output) {
  const Turn turn = turn_of(job.orientation);
  const SizePx upright{.width = job.destination.width, .height = job.destination.height};
  const SizePx stored = upright_size(upright, job.orientation);
  if (job.channels != 3 && job.channels != 4) std::abort();
  channels_ = job.channels;
  const auto channels = static_cast<std::size_t>(job.channels);
  const std::size_t needed = (static_cast<std::size_t>(job.destination.y + upright.height - 1) * job.output_width +
                              static_cast<std::size_t>(job.destination.x + upright.width)) *
                             channels;
  if (output.size() < needed) std::abort();

  across_ = spans_of(job.source.x, job.source.width, job.rows.width, stored.width, job.filter);
  down_ = spans_of(job.source.y, job.source.height, job.rows.height, stored.height, job.filter);
  next_ = 0;
  y_ = 0;
  const int first = across_.front().first;
  first_column_ = static_cast<std::size_t>(first) * channels;
  for (Span& span : across_) {
    span.first -= first;
    span.last -= first;
  }
  const std::size_t values = (static_cast<std::size_t>(across_.back().last) + 1) * channels;
  first_row_.resize(values);
  inner_.resize(values);
  line_.resize(values + kPadding);

  const std::ptrdiff_t pixel = channels_;
  const std::ptrdiff_t line = pixel * job.output_width;
  column_step_ = turn.swaps_axes ? line : pixel;
  row_step_ = turn.swaps_axes ? pixel : line;
  out_ = output.data() + job.destination.y * line + job.destination.x * pixel;
  if (turn.reverses_x) {
    out_ += (stored.width - 1) * column_step_;
    column_step_ = -column_step_;
  }
  if (turn.reverses_y) {
    out_ += (stored.height - 1) * row_step_;
    row_step_ = -row_step_;
  }
}

void RowResizer::row(const std::uint8_t* pixels) noexcept {
  const int y = y_++;
  if (complete() || y < down_[next_].first) return;
  const std::uint8_t* wanted = pixels + first_column_;
  if (y == down_[next_].first) start_span(wanted);
  if (y > down_[next_].first && y < down_[next_].last) {
    const std::size_t count = inner_.size();
    std::uint32_t* sum = inner_.data();
    for (std::size_t i = 0; i < count; ++i) sum[i] += wanted[i];
    return;
  }
  // Enlarging, one row ends several spans; a row that ends one begins the next where they share it.
  while (!complete() && y == down_[next_].last) {
    const int first = down_[next_].first;
    finish_span(wanted);
    ++next_;
    if (!complete() && down_[next_].first == y && first != y) start_span(wanted);
  }
}

void RowResizer::start_span(const std::uint8_t* wanted) {
  std::copy_n(wanted, first_row_.size(), first_row_.data());
  std::ranges::fill(inner_, 0U);
}

void RowResizer::finish_span(const std::uint8_t* wanted) {
  const Span& span = down_[next_];
  const std::size_t count = first_row_.size();
  const std::uint8_t* first = first_row_.data();
  const std::uint32_t* inner = inner_.data();
  float* line = line_.data();
  if (span.last - span.first > 1) {
    for (std::size_t i = 0; i < count; ++i) {
      line[i] = static_cast<float>(first[i]) * span.first_weight +
                static_cast<float>(static_cast<int>(inner[i])) * span.inner_weight +
                static_cast<float>(wanted[i]) * span.last_weight;
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      line[i] = static_cast<float>(first[i]) * span.first_weight + static_cast<float>(wanted[i]) * span.last_weight;
    }
  }
  std::uint8_t* out = out_ + static_cast<std::ptrdiff_t>(next_) * row_step_;
  if (channels_ == 3) {
    write_row<3>(out);
  } else {
    write_row<4>(out);
  }
}

template <int channels>
void RowResizer::write_row(std::uint8_t* out) const {
  for (const Span& span : across_) {
    const float* first = line_.data() + std::ptrdiff_t{span.first} * channels;
    const float* last = line_.data() + std::ptrdiff_t{span.last} * channels;
    Lanes sum = lanes_at(first) * span.first_weight + lanes_at(last) * span.last_weight;
    if (span.last - span.first > 1) {
      // Two sums, so that an addition need not wait for the one before it.
      Lanes even{};
      Lanes odd{};
      const float* at = first + channels;
      for (; at + channels < last; at += channels + channels) {
        even += lanes_at(at);
        odd += lanes_at(at + channels);
      }
      if (at < last) even += lanes_at(at);
      sum += (even + odd) * span.inner_weight;
    }
    for (int i = 0; i < channels; ++i) out[i] = to_byte(sum[i]);
    out += column_step_;
  }
}

}  // namespace curlew
