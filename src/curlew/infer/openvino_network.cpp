#include "curlew/infer/openvino_network.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <openvino/core/preprocess/pre_post_process.hpp>
#include <openvino/frontend/manager.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/fake_quantize.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/softmax.hpp>
#include <openvino/op/squeeze.hpp>
#include <optional>
#include <string>

namespace curlew {
namespace {

constexpr std::int64_t kMaxSidePx = 4096;  // as cards have it; a tensor's size is taken from the network itself
constexpr std::int64_t kMaxClasses = 1'000'000;

tl::unexpected<ModelUnavailable> refused(std::string why) {
  return tl::make_unexpected(ModelUnavailable{std::move(why)});
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

/// Fixes the input's shape to one picture; gives its layout.
Result<Layout, ModelUnavailable> fix_shape(ov::Model& model, const CardInput& input) {
  const ov::PartialShape shape = model.input().get_partial_shape();
  auto layout = layout_of(shape, input);
  if (!layout) return layout;
  const Axes& axes = *layout == Layout::kNhwc ? kNhwcAxes : kNchwAxes;
  const auto height = side_of(shape[axes.height], input.height_px, "height");
  if (!height) return tl::make_unexpected(height.error());
  const auto width = side_of(shape[axes.width], input.width_px, "width");
  if (!width) return tl::make_unexpected(width.error());
  ov::PartialShape fixed{1, 3, *height, *width};
  if (*layout == Layout::kNhwc) fixed = {1, *height, *width, 3};
  if (fixed != shape) model.reshape(fixed);
  return layout;
}

Result<void, ModelUnavailable> check_output(const ov::Model& model) {
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
  if (classes < 2 || classes > kMaxClasses || (type != ov::element::u8 && !type.is_real())) return wrong();
  return {};
}

OutputForm form_of(const ov::Model& model) {
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

Result<OutputForm, ModelUnavailable> fit_to_pictures(std::shared_ptr<ov::Model>& model, const ModelCard& card) {
  if (model->inputs().size() != 1) return refused(fmt::format("it has {} inputs, not one", model->inputs().size()));
  if (model->outputs().size() != 1) return refused(fmt::format("it has {} outputs, not one", model->outputs().size()));
  const ov::element::Type element = model->input().get_element_type();
  const auto fits = check_element(element, card.input);
  if (!fits) return tl::make_unexpected(fits.error());
  const auto layout = fix_shape(*model, card.input);
  if (!layout) return tl::make_unexpected(layout.error());
  const auto readable = check_output(*model);
  if (!readable) return tl::make_unexpected(readable.error());
  const OutputForm form = card.output.form.value_or(form_of(*model));

  ov::preprocess::PrePostProcessor steps(model);
  steps.input().tensor().set_element_type(ov::element::u8).set_layout("NHWC");
  steps.input().model().set_layout(*layout == Layout::kNhwc ? "NHWC" : "NCHW");
  auto& before = steps.input().preprocess();
  if (card.input.colour == ColourOrder::kBgr) before.reverse_channels();
  if (element != ov::element::u8) before.convert_element_type(ov::element::f32);
  if (card.input.normalises()) {
    before.mean({card.input.mean.begin(), card.input.mean.end()});
    before.scale({card.input.scale.begin(), card.input.scale.end()});
  }
  steps.output().tensor().set_element_type(ov::element::f32);
  model = steps.build();
  return form;
}

}  // namespace curlew
