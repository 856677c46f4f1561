#include "curlew/infer/self_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "curlew/infer/nms.hpp"

namespace curlew {

namespace {

/// Boxes that overlap so far show the same thing.
constexpr double kSameBox = 0.5;

std::optional<std::string> judge_winner(int index, float score, const CardSelfTest& test) {
  if (index != *test.top) return fmt::format("it answered class {} instead of {}", index, *test.top);
  if (std::abs(score - test.score) <= test.tolerance) return std::nullopt;
  return fmt::format("it scored {:.2f} where {:.2f} was due", score, test.score);
}

Box box_of_disc(const CardSelfTest& test, const InputFormat& format) {
  const auto width = static_cast<float>(format.width_px);
  const auto height = static_cast<float>(format.height_px);
  const float radius = test.radius * std::min(width, height);
  return {.x1 = std::max(0.0F, width / 2 - radius),
          .y1 = std::max(0.0F, height / 2 - radius),
          .x2 = std::min(width, width / 2 + radius),
          .y2 = std::min(height, height / 2 + radius)};
}

}  // namespace

void paint_self_test(const CardSelfTest& test, const InputFormat& format, std::span<std::uint8_t> pixels) {
  const int width = format.width_px;
  const int height = format.height_px;
  if (pixels.size() != static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3) std::abort();
  const double reach = 2.0 * static_cast<double>(test.radius) * std::min(width, height);
  auto* out = pixels.data();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double dx = 2 * x - (width - 1);
      const double dy = 2 * y - (height - 1);
      out = std::ranges::copy(dx * dx + dy * dy < reach * reach ? test.disc : test.ground, out).out;
    }
  }
}

std::optional<std::string> judge_self_test(std::span<const float> probabilities, OutputForm form, float scale,
                                           const CardSelfTest& test) {
  if (probabilities.empty()) return "it gave no classes";
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  const double slack = form == OutputForm::kScaledU8
                           ? 0.5 * static_cast<double>(scale) * static_cast<double>(probabilities.size())
                           : 0.0;
  if (!(std::abs(sum - 1.0) <= 0.05 + slack)) return fmt::format("its probabilities add up to {:.3f}", sum);
  if (!test.top) return std::nullopt;
  const auto best = std::ranges::max_element(probabilities);
  return judge_winner(static_cast<int>(best - probabilities.begin()), *best, test);
}

std::optional<std::string> judge_objects(std::span<const Prediction> objects, const InputFormat& format,
                                         const CardSelfTest& test) {
  if (!test.top) return std::nullopt;
  if (objects.empty()) return "it found nothing";
  const Prediction& surest = objects.front();
  if (auto fault = judge_winner(surest.index, surest.score, test)) return fault;
  if (surest.box && intersection_over_union(*surest.box, box_of_disc(test, format)) >= kSameBox) return std::nullopt;
  return "its box is not where the object is";
}

}  // namespace curlew
