#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <variant>

#include "curlew/core/picture.hpp"
#include "curlew/core/task.hpp"
#include "curlew/infer/detections.hpp"
#include "curlew/infer/model_card.hpp"
#include "curlew/infer/nms.hpp"

namespace curlew {

/// What the outputs of a network are.
using NetworkForm = std::variant<OutputForm, DetectionForm>;

Task task_of(const NetworkForm& form);

/// The card's word for `form`, and back; no two forms share one.
std::string_view to_string(const NetworkForm& form);
std::optional<NetworkForm> network_form_of(std::string_view word);

/// How pictures are brought to a network: value = (pixel - mean) / scale, for each channel in the order of `colour`.
struct Feeding {
  ColourOrder colour = ColourOrder::kRgb;
  std::array<float, 3> mean = {0, 0, 0};
  std::array<float, 3> scale = {1, 1, 1};
  Fit fit;

  bool normalises() const { return mean != std::array<float, 3>{0, 0, 0} || scale != std::array<float, 3>{1, 1, 1}; }
};

/// What the card says of it; what it leaves out is as those who publish networks of this form feed them:
///
///   classifiers          RGB as it is, squashed, by area
///   ssd                  RGB as it is, squashed, bilinear
///   yolox                BGR as it is, letterboxed over grey 114, bilinear
///   boxes-labels-scores  RGB, divided by 255 where the network takes floats, letterboxed, bilinear
///
/// Source: TensorFlow's Object Detection API (fixed_shape_resizer); YOLOX's data/data_augment.py (preproc);
///         torchvision.transforms.functional.to_tensor.
Feeding feeding_of(const CardInput& input, const std::optional<Fit>& fit, const NetworkForm& form, ElementKind element);

/// How overlapping boxes are told apart: as the card says, else by class at 0.45; boxes-labels-scores has done it in
/// the network, so there it is not done again.
NmsRule nms_rule(const DetectOutput& output, DetectionForm form);

}  // namespace curlew
