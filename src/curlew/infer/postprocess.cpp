#include "curlew/infer/postprocess.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "curlew/infer/labels.hpp"

namespace curlew {
namespace {

void softmax(std::vector<float>& values) {
  const float largest = *std::ranges::max_element(values);
  double sum = 0;
  for (float& value : values) {
    value = std::exp(value - largest);
    sum += value;
  }
  for (float& value : values) value = static_cast<float>(value / sum);
}

}  // namespace

Result<std::vector<float>> to_probabilities(std::span<const float> raw, OutputForm form, float scale) {
  std::vector<float> values(raw.begin(), raw.end());
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    return failure(ErrorCode::kNonFiniteOutput, "the network gave numbers that are not finite for this picture");
  }
  if (values.empty()) return values;
  if (form == OutputForm::kLogits) softmax(values);
  const float factor = form == OutputForm::kScaledU8 ? scale : 1.0F;
  for (float& value : values) value = std::clamp(value * factor, 0.0F, 1.0F);
  return values;
}

Answer read_classes(std::span<const float> probabilities, std::optional<int> background,
                    const std::vector<std::string>& labels, int top) {
  const auto surer = [&](int a, int b) {
    const float score_a = probabilities[static_cast<std::size_t>(a)];
    const float score_b = probabilities[static_cast<std::size_t>(b)];
    return score_a != score_b ? score_a > score_b : a < b;
  };
  std::vector<int> order(probabilities.size());
  std::iota(order.begin(), order.end(), 0);
  // One more than asked for: the background may be among them.
  const auto wanted = std::min(order.size(), static_cast<std::size_t>(std::max(top, 0)) + 1);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(wanted), order.end(), surer);
  order.resize(wanted);

  Answer answer;
  if (!order.empty() && background == order.front()) {
    answer.background_score = probabilities[static_cast<std::size_t>(order.front())];
  }
  for (const int index : order) {
    if (index == background || answer.predictions.size() == static_cast<std::size_t>(std::max(top, 0))) continue;
    answer.predictions.push_back({.index = index,
                                  .label = label_of(labels, index),
                                  .score = probabilities[static_cast<std::size_t>(index)],
                                  .box = std::nullopt});
  }
  return answer;
}

}  // namespace curlew
