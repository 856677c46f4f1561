#include "curlew/infer/network_form.hpp"

namespace curlew {
namespace {

Feeding usual_feeding(const NetworkForm& form, ElementKind element) {
  Feeding usual;
  const auto* detects = std::get_if<DetectionForm>(&form);
  if (detects == nullptr) return usual;
  usual.fit.filter = Fit::Filter::kBilinear;
  if (*detects != DetectionForm::kSsd) usual.fit.kind = Fit::Kind::kLetterbox;
  if (*detects == DetectionForm::kYolox) usual.colour = ColourOrder::kBgr;
  if (*detects == DetectionForm::kBoxesLabelsScores && element == ElementKind::kF32) usual.scale = {255, 255, 255};
  return usual;
}

}  // namespace

Task task_of(const NetworkForm& form) {
  return std::holds_alternative<DetectionForm>(form) ? Task::kDetect : Task::kClassify;
}

std::string_view to_string(const NetworkForm& form) {
  return std::visit([](auto each) { return to_string(each); }, form);
}

std::optional<NetworkForm> network_form_of(std::string_view word) {
  if (const auto form = output_form_of(word)) return *form;
  if (const auto form = detection_form_of(word)) return *form;
  return std::nullopt;
}

Feeding feeding_of(const CardInput& input, const std::optional<Fit>& fit, const NetworkForm& form,
                   ElementKind element) {
  const Feeding usual = usual_feeding(form, element);
  // One of the two alone is a card's own arithmetic: the other is then what the formula has for it.
  const bool says_values = input.mean || input.scale;
  return {.colour = input.colour.value_or(usual.colour),
          .mean = input.mean.value_or(usual.mean),
          .scale = input.scale.value_or(says_values ? std::array<float, 3>{1, 1, 1} : usual.scale),
          .fit = fit.value_or(usual.fit)};
}

NmsRule nms_rule(const DetectOutput& output, DetectionForm form) {
  const NmsRule usual;
  const float usual_iou = form == DetectionForm::kBoxesLabelsScores ? 1.0F : usual.iou;
  return {.iou = output.nms_iou.value_or(usual_iou), .scope = output.nms.value_or(usual.scope)};
}

}  // namespace curlew
