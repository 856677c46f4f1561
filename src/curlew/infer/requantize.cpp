#include "curlew/infer/requantize.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <openvino/opsets/opset13.hpp>
#include <vector>

namespace curlew {
namespace {

namespace op = ov::opset13;

/// -127 to 127: one level fewer than 8 bits hold, so that zero is in the middle.
constexpr std::size_t kLevels = 255;
/// Of a channel whose weights are all zero; a range must not be empty.
constexpr float kSmallestLimit = 1e-8F;
/// Between a convolution and its stored weights stand a conversion, a zero point, a scale and a transposition.
constexpr int kDeepest = 8;

/// Whether `weights` are made of a u8 constant.
bool stored_as_u8(const ov::Output<ov::Node>& weights, int depth = 0) {
  const auto node = weights.get_node_shared_ptr();
  if (ov::is_type<op::Constant>(node)) return node->get_element_type() == ov::element::u8;
  return depth < kDeepest && node->get_input_size() > 0 && stored_as_u8(node->input_value(0), depth + 1);
}

/// How many leading axes of the weights tell the output channel; 0 for what is no convolution.
std::size_t channel_axes(const std::shared_ptr<ov::Node>& node) {
  if (ov::is_type<op::Convolution>(node)) return 1;
  return ov::is_type<op::GroupConvolution>(node) ? 2 : 0;
}

/// The weights in f32; an empty tensor where they are not constant after all.
ov::Tensor value_of(const ov::Output<ov::Node>& weights) {
  const auto as_f32 = std::make_shared<op::Convert>(weights, ov::element::f32);
  const auto part = std::make_shared<ov::Model>(ov::OutputVector{as_f32}, ov::ParameterVector{});
  ov::TensorVector values{ov::Tensor(ov::element::f32, weights.get_shape())};
  return part->evaluate(values, {}) ? values.front() : ov::Tensor();
}

/// The largest magnitude of each output channel.
std::vector<float> limits_of(const ov::Tensor& weights, std::size_t channels) {
  std::vector<float> limits(channels, kSmallestLimit);
  const auto* values = weights.data<const float>();
  const std::size_t each = weights.get_size() / channels;
  for (std::size_t i = 0; i < channels * each; ++i) limits[i / each] = std::max(limits[i / each], std::abs(values[i]));
  return limits;
}

std::shared_ptr<ov::Node> symmetric(const ov::Tensor& weights, std::size_t axes) {
  ov::Shape shape = weights.get_shape();
  std::fill(shape.begin() + static_cast<std::ptrdiff_t>(axes), shape.end(), 1);
  std::vector<float> high = limits_of(weights, ov::shape_size(shape));
  std::vector<float> low(high.size());
  std::transform(high.begin(), high.end(), low.begin(), [](float limit) { return -limit; });
  const auto lowest = op::Constant::create(ov::element::f32, shape, low);
  const auto highest = op::Constant::create(ov::element::f32, shape, high);
  return std::make_shared<op::FakeQuantize>(std::make_shared<op::Constant>(weights), lowest, highest, lowest, highest,
                                            kLevels);
}

}  // namespace

std::size_t requantize(const std::shared_ptr<ov::Model>& model) {
  std::size_t changed = 0;
  for (const auto& node : model->get_ordered_ops()) {
    const std::size_t axes = channel_axes(node);
    if (axes == 0 || node->input_value(1).get_partial_shape().is_dynamic() || !stored_as_u8(node->input_value(1)))
      continue;
    const ov::Tensor weights = value_of(node->input_value(1));
    if (!weights || weights.get_size() == 0) continue;
    node->input(1).replace_source_output(symmetric(weights, axes)->output(0));
    ++changed;
  }
  if (changed > 0) model->validate_nodes_and_infer_types();
  return changed;
}

}  // namespace curlew
