#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "curlew/core/item_result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/infer/model_card.hpp"

namespace curlew {

/// Paints the self-test's picture into `pixels`: a disc in the middle of a plain ground, hard-edged, the same on every
/// machine.
///
/// Shape: packed RGB of `format`'s size; anything else is a bug of the caller and aborts.
void paint_self_test(const CardSelfTest& test, const InputFormat& format, std::span<std::uint8_t> pixels);

/// Why `probabilities`, the answer to that picture, cannot be right; nothing where they may be.
///
/// Softmax's must add up to 1 within 0.05 (bf16 rounds); bytes may each be half a step off. Where the card names the
/// winner, it must win, with the card's score within its tolerance.
std::optional<std::string> judge_self_test(std::span<const float> probabilities, OutputForm form, float scale,
                                           const CardSelfTest& test);

/// Why `objects`, a detector's answer to that picture in pixels of its input, cannot be right; nothing where it may be.
///
/// Where the card names a class, the surest object must be of that class, with the card's score within its tolerance,
/// and its box that of the disc: an intersection over union of a half at least.
/// Shape: `objects` by falling score.
std::optional<std::string> judge_objects(std::span<const Prediction> objects, const InputFormat& format,
                                         const CardSelfTest& test);

/// What judges a classifier: judge_self_test, or a test's own.
using SelfTestJudge = std::function<std::optional<std::string>(std::span<const float> probabilities, OutputForm form,
                                                               float scale, const CardSelfTest& test)>;

/// What a network said of one golden input.
struct SelfTestAnswer {
  CardSelfTest test;
  std::optional<int> index;  ///< the class that won; nothing where it gave no numbers or found no object
  std::string label;
  float score = 0;
  std::optional<std::string> fault;  ///< why that cannot be right; nothing where it is
};

}  // namespace curlew
