#include "curlew/infer/openvino_network.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <openvino/core/preprocess/pre_post_process.hpp>
#include <openvino/frontend/manager.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/squeeze.hpp>
#include <optional>
#include <string>

#include "curlew/infer/openvino_outputs.hpp"

namespace curlew {
namespace {

constexpr std::int64_t kMaxSidePx = 4096;  // as cards have it; a tensor's size is taken from the network itself

tl::unexpected<ModelUnavailable> refused(std::string why) {
  return tl::make_unexpected(ModelUnavailable{std::move(why)});
}

/// Networks of torchvision take a list of pictures, each by itself: the batch's axis is put before its shape.
void give_batch(std::shared_ptr<ov::Model>& model) {
  const auto old = model->get_parameters().at(0);
  ov::PartialShape shape = old->get_partial_shape();
  if (shape.rank().is_dynamic() || shape.size() != 3) return;
  shape.insert(shape.begin(), 1);
  const auto batch = std::make_shared<ov::op::v0::Parameter>(old->get_element_type(), shape);
  const auto first = ov::op::v0::Constant::create(ov::element::i64, {1}, {0});
  old->output(0).replace(std::make_shared<ov::op::v0::Squeeze>(batch, first));
  model = std::make_shared<ov::Model>(model->get_results(), ov::ParameterVector{batch}, model->get_friendly_name());
}

/// Where the axes of a picture are in the network's input.
struct Axes {
  std::ptrdiff_t height;
  std::ptrdiff_t width;
  std::ptrdiff_t channels;
};
constexpr Axes kNhwcAxes{.height = 1, .width = 2, .channels = 3};
constexpr Axes kNchwAxes{.height = 2, .width = 3, .channels = 1};

bool may_be(const ov::Dimension& dimension, std::int64_t value) { return dimension.compatible(ov::Dimension(value)); }

Result<Layout, ModelUnavailable> layout_of(const ov::PartialShape& shape, const CardInput& input) {
  if (shape.rank().is_dynamic() || shape.size() != 4 || !may_be(shape[0], 1)) {
    return refused(fmt::format("it takes {}, not one picture", shape.to_string()));
  }
  if (input.layout) {
    const Axes& axes = *input.layout == Layout::kNhwc ? kNhwcAxes : kNchwAxes;
    if (may_be(shape[axes.channels], 3)) return *input.layout;
    return refused(fmt::format("its input {} has no 3 channels where the card's layout says", shape.to_string()));
  }
  const bool nhwc = shape[kNhwcAxes.channels] == ov::Dimension(3);
  const bool nchw = shape[kNchwAxes.channels] == ov::Dimension(3);
  if (nhwc == nchw) {
    return refused(fmt::format("its input {} does not tell where the colours are: a card must say [input] layout",
                               shape.to_string()));
  }
  return nhwc ? Layout::kNhwc : Layout::kNchw;
}

Result<std::int64_t, ModelUnavailable> side_of(const ov::Dimension& dimension, int card_px, std::string_view name) {
  if (card_px != 0) {
    if (may_be(dimension, card_px)) return card_px;
    return refused(fmt::format("the card says a {} of {}, the network {}", name, card_px, dimension.to_string()));
  }
  if (dimension.is_dynamic())
    return refused(fmt::format("a card must say [input] {}: the network leaves it open", name));
  const auto px = dimension.get_length();
  if (px < 1 || px > kMaxSidePx) return refused(fmt::format("its input has a {} of {}", name, px));
  return px;
}

Result<void, ModelUnavailable> check_element(const ov::element::Type& type, const CardInput& input) {
  const bool bytes = type == ov::element::u8;
  if (!bytes && !type.is_real()) return refused(fmt::format("it takes {}, not u8 or f32", type.get_type_name()));
  if (input.element && (*input.element == ElementKind::kU8) != bytes) {
    return refused(fmt::format("the card's [input] element is not what the network takes: {}", type.get_type_name()));
  }
  if (bytes && input.normalises()) return refused("it takes bytes: the card may not give mean and scale");
  return {};
}

/// An input whose shape is fixed.
struct FixedInput {
  Layout layout;
  InputFormat size;  ///< without its fit
};

/// Fixes the input's shape to one picture.
Result<FixedInput, ModelUnavailable> fix_shape(ov::Model& model, const CardInput& input) {
  const ov::PartialShape shape = model.input().get_partial_shape();
  const auto layout = layout_of(shape, input);
  if (!layout) return tl::make_unexpected(layout.error());
  const Axes& axes = *layout == Layout::kNhwc ? kNhwcAxes : kNchwAxes;
  const auto height = side_of(shape[axes.height], input.height_px, "height");
  if (!height) return tl::make_unexpected(height.error());
  const auto width = side_of(shape[axes.width], input.width_px, "width");
  if (!width) return tl::make_unexpected(width.error());
  ov::PartialShape fixed{1, 3, *height, *width};
  if (*layout == Layout::kNhwc) fixed = {1, *height, *width, 3};
  if (fixed != shape) model.reshape(fixed);
  return FixedInput{.layout = *layout,
                    .size = {.width_px = static_cast<int>(*width), .height_px = static_cast<int>(*height), .fit = {}}};
}

}  // namespace

std::shared_ptr<ov::Model> read_network(ov::Core& core, const std::filesystem::path& path) {
  const auto kind = path.extension();
  ov::frontend::FrontEndManager readers;
  if (kind == ".xml") {
    const auto reader = readers.load_by_framework("ir");
    OPENVINO_ASSERT(reader->supported(path.string()), "not IR");
    return core.read_model(path);  // which also brings old versions of IR up to date
  }
  const auto reader = readers.load_by_framework(kind == ".tflite" ? "tflite" : kind == ".onnx" ? "onnx" : "tf");
  return reader->convert(reader->load(path.string()));
}

Result<FittedNetwork, ModelUnavailable> fit_to_pictures(std::shared_ptr<ov::Model> model, const ModelCard& card) {
  if (model->inputs().size() != 1) return refused(fmt::format("it has {} inputs, not one", model->inputs().size()));
  const ov::element::Type element = model->input().get_element_type();
  give_batch(model);
  const auto fits = check_element(element, card.input);
  if (!fits) return tl::make_unexpected(fits.error());
  const auto fixed = fix_shape(*model, card.input);
  if (!fixed) return tl::make_unexpected(fixed.error());
  const auto form = fit_outputs(model, card, fixed->size);
  if (!form) return tl::make_unexpected(form.error());

  const auto kind = element == ov::element::u8 ? ElementKind::kU8 : ElementKind::kF32;
  const Feeding feeding = feeding_of(card.input, card.fit, *form, kind);
  ov::preprocess::PrePostProcessor steps(model);
  steps.input().tensor().set_element_type(ov::element::u8).set_layout("NHWC");
  steps.input().model().set_layout(fixed->layout == Layout::kNhwc ? "NHWC" : "NCHW");
  auto& before = steps.input().preprocess();
  if (feeding.colour == ColourOrder::kBgr) before.reverse_channels();
  if (kind == ElementKind::kF32) before.convert_element_type(ov::element::f32);
  if (feeding.normalises()) {
    before.mean({feeding.mean.begin(), feeding.mean.end()});
    before.scale({feeding.scale.begin(), feeding.scale.end()});
  }
  for (std::size_t i = 0; i < model->outputs().size(); ++i) {
    steps.output(i).tensor().set_element_type(element_of_output(*form, i));
  }
  return FittedNetwork{.model = steps.build(), .form = *form, .element = kind};
}

}  // namespace curlew
