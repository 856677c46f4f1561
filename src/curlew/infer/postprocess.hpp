#pragma once

#include <span>
#include <string>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/infer/model_card.hpp"

namespace curlew {

/// The probabilities that a classifier's raw output stands for; element i belongs to class i.
///
/// Units:  logits: softmax (the largest is taken off first, so that none overflows); kScaledU8: raw * scale; all are
///         clamped to [0, 1], which only removes rounding.
/// Errors: kNonFiniteOutput where a number is not finite.
Result<std::vector<float>> to_probabilities(std::span<const float> raw, OutputForm form, float scale);

/// The `top` surest classes, ties by index. The background is never one of them; where it wins,
/// Answer::background_score is set. (A tie goes to the class with the lower index, the background included.)
Answer read_classes(std::span<const float> probabilities, std::optional<int> background,
                    const std::vector<std::string>& labels, int top);

}  // namespace curlew
