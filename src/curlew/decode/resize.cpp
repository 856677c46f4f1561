#include "curlew/decode/resize.hpp"

#include <algorithm>
#include <cstdlib>

namespace curlew {

void RowResizer::begin(const ResizeJob& job, std::span<std::uint8_t> output) {
  const Turn turn = turn_of(job.orientation);
  const SizePx upright{.width = job.destination.width, .height = job.destination.height};
  const SizePx stored = upright_size(upright, job.orientation);
  if (job.channels != 3 && job.channels != 4) std::abort();
  kernels_ = &resize_kernels(job.channels);
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
  line_.resize(values + kLinePadding);

  const std::ptrdiff_t pixel = job.channels;
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
    const auto sum = y == down_[next_].first + 1 ? kernels_->start_sum : kernels_->add_to_sum;
    sum(wanted, inner_.data(), inner_.size());
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

void RowResizer::start_span(const std::uint8_t* wanted) { std::copy_n(wanted, first_row_.size(), first_row_.data()); }

void RowResizer::finish_span(const std::uint8_t* wanted) {
  kernels_->mix_rows(down_[next_], {.first = first_row_.data(), .inner = inner_.data(), .last = wanted}, line_.data(),
                     first_row_.size());
  kernels_->mix_pixels(across_, line_.data(), out_ + static_cast<std::ptrdiff_t>(next_) * row_step_, column_step_);
}

}  // namespace curlew
