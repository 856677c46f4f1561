#include "curlew/infer/detections.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

namespace curlew {
namespace {

constexpr std::size_t kBoxNumbers = 4;

tl::unexpected<Error> not_finite() {
  return failure(ErrorCode::kNonFiniteOutput, "the network gave numbers that are not finite for this picture");
}

tl::unexpected<Error> wrong_shape(const char* form) {
  return failure(ErrorCode::kInferenceFailed,
                 std::string("the network's outputs are not of the form that its card names: ") + form);
}

/// Whether there are as many values as the shape says. Its sides are within the limits, so that nothing overflows.
template <class T>
bool is_whole(const TensorView<T>& tensor) {
  std::size_t count = 1;
  for (const std::size_t side : tensor.shape) count *= side;
  return count == tensor.values.size();
}

/// Whether the tensor is 1 x rows x columns.
bool is_table(const TensorView<float>& tensor, std::size_t rows, std::size_t columns) {
  return std::ranges::equal(tensor.shape, std::to_array<std::size_t>({1, rows, columns})) && is_whole(tensor);
}

/// The length of axis `axis`; 0 where there is none.
template <class T>
std::size_t side(const TensorView<T>& tensor, std::size_t axis) {
  return axis < tensor.shape.size() ? tensor.shape[axis] : 0;
}

struct BestClass {
  int id = 0;
  float score = 0;
};

/// The class of the highest score, the first of equal ones; `scores` is not empty.
Result<BestClass> best_class(std::span<const float> scores) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!std::isfinite(scores[i])) return not_finite();
    if (scores[i] > scores[best]) best = i;
  }
  return BestClass{.id = static_cast<int>(best), .score = std::clamp(scores[best], 0.0F, 1.0F)};
}

/// What can be said of scores without looking at each: IEEE 754's floats, read as whole numbers, keep their order, and
/// NaN and infinity lie beyond them. A loop over such numbers the compiler makes wide, one over floats it may not.
struct Survey {
  bool finite = true;
  bool reaches = true;  ///< whether one may be at or above the threshold
};

Survey survey(std::span<const float> scores, float threshold) {
  constexpr std::int32_t kInfinity = 0x7f800000;
  constexpr std::uint32_t kMinusInfinity = 0xff800000;
  std::int32_t largest = 0;  // of those above zero
  std::uint32_t lowest = 0;  // of those below, counted from zero downwards
  for (const float score : scores) {
    largest = std::max(largest, std::bit_cast<std::int32_t>(score));
    lowest = std::max(lowest, std::bit_cast<std::uint32_t>(score));
  }
  return {.finite = largest < kInfinity && lowest < kMinusInfinity,
          .reaches = threshold <= 0 || largest >= std::bit_cast<std::int32_t>(threshold)};
}

/// Offers a row at or above the threshold; false where its box is not finite.
bool offer(BestCandidates& found, const Box& box, int class_id, float score) {
  if (!is_finite(box)) return false;
  if (!is_empty(box)) found.offer({.box = box, .class_id = class_id, .score = score});
  return true;
}

constexpr std::size_t kStrides[] = {8, 16, 32};

struct Grid {
  std::size_t stride = 1;
  std::size_t columns = 0;
  std::size_t rows = 0;
};

Grid grid_of(const InputFormat& input, std::size_t stride) {
  return {.stride = stride,
          .columns = static_cast<std::size_t>(input.width_px) / stride,
          .rows = static_cast<std::size_t>(input.height_px) / stride};
}

/// As float throughout, as the networks are trained: what leaves its range becomes infinite, and is found out.
Box yolox_box(std::span<const float> row, const Grid& grid, std::size_t cell) {
  const auto stride = static_cast<float>(grid.stride);
  const std::size_t column = cell % grid.columns;
  const std::size_t line = cell / grid.columns;
  const float x = (row[0] + static_cast<float>(column)) * stride;
  const float y = (row[1] + static_cast<float>(line)) * stride;
  const float half_width = std::exp(row[2]) * stride / 2;
  const float half_height = std::exp(row[3]) * stride / 2;
  return {.x1 = x - half_width, .y1 = y - half_height, .x2 = x + half_width, .y2 = y + half_height};
}

/// Reads the rows of one grid.
Result<void> read_grid(std::span<const float> values, std::size_t columns, const Grid& grid, float threshold,
                       BestCandidates& found) {
  constexpr std::size_t kObjectness = 4;
  constexpr std::size_t kClasses = 5;
  for (std::size_t cell = 0; cell < grid.columns * grid.rows; ++cell) {
    const auto row = values.subspan(cell * columns, columns);
    if (!std::isfinite(row[kObjectness])) return not_finite();
    const float objectness = std::clamp(row[kObjectness], 0.0F, 1.0F);
    if (objectness < threshold) continue;
    const auto best = best_class(row.subspan(kClasses));
    if (!best) return tl::make_unexpected(best.error());
    const float score = objectness * best->score;
    if (score >= threshold && !offer(found, yolox_box(row, grid, cell), best->id, score)) return not_finite();
  }
  return {};
}

}  // namespace

std::size_t yolox_cells(const InputFormat& input) {
  std::size_t cells = 0;
  for (const std::size_t stride : kStrides) {
    const Grid grid = grid_of(input, stride);
    cells += grid.columns * grid.rows;
  }
  return cells;
}

Result<std::vector<Candidate>> read_ssd(const TensorView<float>& boxes, const TensorView<float>& scores,
                                        const InputFormat& input, float threshold) {
  const std::size_t rows = side(boxes, 1);
  const std::size_t columns = side(scores, 2);
  if (rows > kMaxRows || columns < 2 || columns > kMaxClasses || !is_table(boxes, rows, kBoxNumbers) ||
      !is_table(scores, rows, columns)) {
    return wrong_shape("boxes 1 x N x 4 and scores 1 x N x classes");
  }
  const auto width = static_cast<float>(input.width_px);
  const auto height = static_cast<float>(input.height_px);
  BestCandidates found;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto classes = scores.values.subspan(i * columns + 1, columns - 1);
    const auto [finite, reaches] = survey(classes, threshold);
    if (!finite) return not_finite();
    if (!reaches) continue;
    const auto best = best_class(classes);
    if (!best) return tl::make_unexpected(best.error());
    if (best->score < threshold) continue;
    const auto corners = boxes.values.subspan(i * kBoxNumbers, kBoxNumbers);
    const Box box{
        .x1 = corners[1] * width, .y1 = corners[0] * height, .x2 = corners[3] * width, .y2 = corners[2] * height};
    if (!offer(found, box, best->id + 1, best->score)) return not_finite();
  }
  return found.take();
}

Result<std::vector<Candidate>> read_yolox(const TensorView<float>& grids, const InputFormat& input, float threshold) {
  constexpr std::size_t kLeastColumns = 6;
  const std::size_t rows = yolox_cells(input);
  const std::size_t columns = side(grids, 2);
  if (rows > kMaxRows || columns < kLeastColumns || columns > kMaxClasses || !is_table(grids, rows, columns)) {
    return wrong_shape("1 x N x (5 + classes), N the cells of 8, 16 and 32 pixels of the input");
  }
  BestCandidates found;
  std::size_t done = 0;
  for (const std::size_t stride : kStrides) {
    const Grid grid = grid_of(input, stride);
    const auto read = read_grid(grids.values.subspan(done * columns), columns, grid, threshold, found);
    if (!read) return tl::make_unexpected(read.error());
    done += grid.columns * grid.rows;
  }
  return found.take();
}

Result<std::vector<Candidate>> read_boxes_labels_scores(const TensorView<float>& boxes,
                                                        const TensorView<std::int64_t>& labels,
                                                        const TensorView<float>& scores, float threshold) {
  const std::size_t rows = side(boxes, 0);
  const auto is_list = [rows](const auto& tensor) {
    return tensor.shape.size() == 1 && tensor.shape[0] == rows && is_whole(tensor);
  };
  const auto are_boxes = [&] { return boxes.shape.size() == 2 && boxes.shape[1] == kBoxNumbers && is_whole(boxes); };
  if (rows > kMaxRows || !are_boxes() || !is_list(labels) || !is_list(scores)) {
    return wrong_shape("boxes N x 4, labels N and scores N");
  }
  BestCandidates found;
  for (std::size_t i = 0; i < rows; ++i) {
    if (!std::isfinite(scores.values[i])) return not_finite();
    const float score = std::clamp(scores.values[i], 0.0F, 1.0F);
    if (score < threshold) continue;
    const std::int64_t label = labels.values[i];
    if (label < 0 || label >= static_cast<std::int64_t>(kMaxClasses)) {
      return failure(ErrorCode::kInferenceFailed, "the network named a class that cannot be");
    }
    const auto corners = boxes.values.subspan(i * kBoxNumbers, kBoxNumbers);
    const Box box{.x1 = corners[0], .y1 = corners[1], .x2 = corners[2], .y2 = corners[3]};
    if (!offer(found, box, static_cast<int>(label), score)) return not_finite();
  }
  return found.take();
}

}  // namespace curlew
