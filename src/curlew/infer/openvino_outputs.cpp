#include "curlew/infer/openvino_outputs.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <openvino/op/convert.hpp>
#include <openvino/op/fake_quantize.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/softmax.hpp>
#include <openvino/op/squeeze.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "curlew/infer/detections.hpp"

namespace curlew {
namespace {

constexpr std::int64_t kMaxOutputClasses = 1'000'000;

tl::unexpected<ModelUnavailable> refused(std::string why) {
  return tl::make_unexpected(ModelUnavailable{std::move(why)});
}

// --- a score a class -------------------------------------------------------------------------------------------------

OutputForm form_of_scores(const ov::Model& model) {
  if (model.output().get_element_type() == ov::element::u8) return OutputForm::kScaledU8;
  std::shared_ptr<ov::Node> node = model.output().get_node_shared_ptr()->get_input_node_shared_ptr(0);
  const auto passes_through = [](const std::shared_ptr<ov::Node>& n) {
    return ov::is_type<ov::op::v0::Convert>(n) || ov::is_type<ov::op::v1::Reshape>(n) ||
           ov::is_type<ov::op::v0::Squeeze>(n) || ov::is_type<ov::op::v0::FakeQuantize>(n);
  };
  while (passes_through(node)) node = node->get_input_node_shared_ptr(0);
  const bool softmax = ov::is_type<ov::op::v1::Softmax>(node) || ov::is_type<ov::op::v8::Softmax>(node);
  return softmax ? OutputForm::kProbabilities : OutputForm::kLogits;
}

Result<NetworkForm, ModelUnavailable> fit_scores(const ov::Model& model, const ClassOutput& output) {
  if (model.outputs().size() != 1) {
    return refused(fmt::format("it has {} outputs; one that classifies has one. A detector is for `curlew detect`",
                               model.outputs().size()));
  }
  const ov::PartialShape& shape = model.output().get_partial_shape();
  const auto wrong = [&] { return refused(fmt::format("its output {} is not a score a class", shape.to_string())); };
  if (shape.is_dynamic()) return wrong();
  std::int64_t classes = 1;
  for (const auto& dimension : shape) {
    const auto length = dimension.get_length();
    if (length != 1 && classes != 1) return wrong();
    classes *= length;
  }
  const auto& type = model.output().get_element_type();
  if (classes < 2 || classes > kMaxOutputClasses || (type != ov::element::u8 && !type.is_real())) return wrong();
  return output.form.value_or(form_of_scores(model));
}

// --- boxes -----------------------------------------------------------------------------------------------------------

/// What a form's output is called and looks like; -1 is any size.
struct Role {
  std::string_view name;
  std::vector<std::int64_t> shape;
  bool is_whole = false;  ///< whole numbers; else reals
};

std::vector<Role> roles_of(DetectionForm form, const InputFormat& input) {
  switch (form) {
    case DetectionForm::kSsd:
      return {{.name = "boxes", .shape = {1, -1, 4}}, {.name = "scores", .shape = {1, -1, -1}}};
    case DetectionForm::kYolox:
      return {{.name = "output", .shape = {1, static_cast<std::int64_t>(yolox_cells(input)), -1}}};
    case DetectionForm::kBoxesLabelsScores:
      return {{.name = "boxes", .shape = {-1, 4}},
              {.name = "labels", .shape = {-1}, .is_whole = true},
              {.name = "scores", .shape = {-1}}};
  }
  std::abort();
}

bool looks_like(const ov::Output<const ov::Node>& output, const Role& role) {
  const ov::PartialShape& shape = output.get_partial_shape();
  if (shape.rank().is_dynamic()) return true;
  if (shape.size() != role.shape.size()) return false;
  auto wanted = role.shape.begin();
  for (const ov::Dimension& dimension : shape) {
    const std::int64_t size = *wanted++;
    if (size >= 0 && !dimension.compatible(ov::Dimension(size))) return false;
  }
  const auto& type = output.get_element_type();
  return type.is_dynamic() || (role.is_whole ? type.is_integral_number() : type.is_real());
}

/// Which output plays each role: the one of its name, else the first left that looks like it. Nothing where none does.
std::optional<std::vector<std::size_t>> cast(const ov::Model& model, const std::vector<Role>& roles) {
  std::vector<bool> taken(model.outputs().size());
  std::vector<std::size_t> players;
  const auto find = [&](const Role& role, bool by_name) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const auto output = model.output(i);
      const bool named = output.get_names().contains(std::string(role.name));
      if (!taken[i] && looks_like(output, role) && (named || !by_name)) return i;
    }
    return std::nullopt;
  };
  for (const Role& role : roles) {
    auto player = find(role, true);
    if (!player) player = find(role, false);
    if (!player) return std::nullopt;
    taken[*player] = true;
    players.push_back(*player);
  }
  return players;
}

std::string shapes_of(const ov::Model& model) {
  std::string shapes;
  for (const auto& output : model.outputs()) {
    shapes += (shapes.empty() ? "" : ", ") + output.get_partial_shape().to_string();
  }
  return shapes;
}

/// What so many outputs can only be.
std::optional<DetectionForm> form_of_count(std::size_t outputs) {
  constexpr std::array kForms = {DetectionForm::kYolox, DetectionForm::kSsd, DetectionForm::kBoxesLabelsScores};
  return outputs >= 1 && outputs <= kForms.size() ? std::optional(kForms[outputs - 1]) : std::nullopt;
}

Result<NetworkForm, ModelUnavailable> fit_boxes(std::shared_ptr<ov::Model>& model, const DetectOutput& output,
                                                const InputFormat& input) {
  const auto form = output.form ? output.form : form_of_count(model->outputs().size());
  const auto players = form ? cast(*model, roles_of(*form, input)) : std::nullopt;
  if (!players) {
    return refused(fmt::format("its outputs {} are not those of {}; docs/models.md tells which networks can be read",
                               shapes_of(*model), output.form ? to_string(*form) : "a detector that is known"));
  }
  ov::ResultVector results;
  for (const std::size_t player : *players) results.push_back(model->get_results().at(player));
  model = std::make_shared<ov::Model>(results, model->get_parameters(), model->get_friendly_name());
  return *form;
}

}  // namespace

Result<NetworkForm, ModelUnavailable> fit_outputs(std::shared_ptr<ov::Model>& model, const ModelCard& card,
                                                  const InputFormat& input) {
  return card.task == Task::kClassify ? fit_scores(*model, card.output) : fit_boxes(model, card.detection, input);
}

ov::element::Type element_of_output(const NetworkForm& form, std::size_t index) {
  const auto* detects = std::get_if<DetectionForm>(&form);
  const bool labels = detects != nullptr && *detects == DetectionForm::kBoxesLabelsScores && index == 1;
  return labels ? ov::element::i64 : ov::element::f32;
}

}  // namespace curlew
