#include "curlew/infer/requantize.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <openvino/opsets/opset13.hpp>
#include <random>
#include <vector>

namespace curlew {
namespace {

namespace op = ov::opset13;

std::vector<std::uint8_t> random_bytes(std::size_t count) {
  std::mt19937 random(7);
  std::vector<std::uint8_t> bytes(count);
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::uint8_t>(random()); });
  return bytes;
}

/// u8 weights with a zero point and a scale, as the reader of TFLite gives them.
ov::Output<ov::Node> dequantized(const ov::Shape& shape, float zero_point, float scale) {
  const auto stored = op::Constant::create(ov::element::u8, shape, random_bytes(ov::shape_size(shape)));
  const auto centred = std::make_shared<op::Subtract>(std::make_shared<op::Convert>(stored, ov::element::f32),
                                                      op::Constant::create(ov::element::f32, {}, {zero_point}));
  return std::make_shared<op::Multiply>(centred, op::Constant::create(ov::element::f32, {}, {scale}));
}

std::shared_ptr<ov::Model> convolution(const ov::Output<ov::Node>& weights) {
  const auto input = std::make_shared<op::Parameter>(ov::element::f32, ov::Shape{1, 3, 8, 8});
  const auto node = std::make_shared<op::Convolution>(input, weights, ov::Strides{1, 1}, ov::CoordinateDiff{0, 0},
                                                      ov::CoordinateDiff{0, 0}, ov::Strides{1, 1});
  return std::make_shared<ov::Model>(ov::OutputVector{node}, ov::ParameterVector{input});
}

std::shared_ptr<ov::Model> depthwise(const ov::Output<ov::Node>& weights) {
  const auto input = std::make_shared<op::Parameter>(ov::element::f32, ov::Shape{1, 3, 8, 8});
  const auto node = std::make_shared<op::GroupConvolution>(input, weights, ov::Strides{1, 1}, ov::CoordinateDiff{0, 0},
                                                           ov::CoordinateDiff{0, 0}, ov::Strides{1, 1});
  return std::make_shared<ov::Model>(ov::OutputVector{node}, ov::ParameterVector{input});
}

std::vector<float> run(const std::shared_ptr<ov::Model>& model) {
  static ov::Core core;
  auto request =
      core.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32)).create_infer_request();
  ov::Tensor input(ov::element::f32, {1, 3, 8, 8});
  for (std::size_t i = 0; i < input.get_size(); ++i) input.data<float>()[i] = std::sin(static_cast<float>(i));
  request.set_input_tensor(input);
  request.infer();
  const ov::Tensor output = request.get_output_tensor();
  const auto* values = output.data<const float>();
  return {values, values + output.get_size()};
}

/// The largest difference, as a part of the largest value.
double relative_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0;
  double difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i])));
    difference = std::max(difference, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return difference / largest;
}

std::shared_ptr<op::FakeQuantize> quantizer_of(const std::shared_ptr<ov::Model>& model) {
  for (const auto& node : model->get_ops()) {
    if (auto found = ov::as_type_ptr<op::FakeQuantize>(node)) return found;
  }
  return nullptr;
}

TEST(Requantize, WeightsBecomeSymmetricForEachOutputChannelAndAnswersStay) {
  const auto model = convolution(dequantized({4, 3, 3, 3}, 121, 0.02F));
  const auto before = run(model);
  EXPECT_EQ(requantize(model), 1U);
  const auto quantizer = quantizer_of(model);
  ASSERT_NE(quantizer, nullptr);
  EXPECT_EQ(quantizer->get_levels(), 255U);
  EXPECT_EQ(quantizer->get_input_shape(1), (ov::Shape{4, 1, 1, 1}));
  EXPECT_LT(relative_difference(before, run(model)), 0.02);
}

TEST(Requantize, ADepthwiseConvolutionHasARangeForEachOfItsChannels) {
  const auto model = depthwise(dequantized({3, 1, 1, 3, 3}, 100, 0.01F));
  const auto before = run(model);
  EXPECT_EQ(requantize(model), 1U);
  ASSERT_NE(quantizer_of(model), nullptr);
  EXPECT_EQ(quantizer_of(model)->get_input_shape(1), (ov::Shape{3, 1, 1, 1, 1}));
  EXPECT_LT(relative_difference(before, run(model)), 0.02);
}

TEST(Requantize, AChannelOfZerosKeepsItsZeros) {
  const auto zeros = op::Constant::create(ov::element::u8, {4, 3, 1, 1}, std::vector<std::uint8_t>(12, 0));
  const auto model = convolution(std::make_shared<op::Convert>(zeros, ov::element::f32));
  EXPECT_EQ(requantize(model), 1U);
  for (const float value : run(model)) EXPECT_EQ(value, 0.0F);
}

TEST(Requantize, OtherNetworksStayAsTheyAre) {
  const auto floats = convolution(op::Constant::create(ov::element::f32, {4, 3, 1, 1}, std::vector<float>(12, 0.5F)));
  EXPECT_EQ(requantize(floats), 0U);
  EXPECT_EQ(quantizer_of(floats), nullptr);
}

}  // namespace
}  // namespace curlew
