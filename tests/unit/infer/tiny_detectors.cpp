#include "unit/infer/tiny_detectors.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <openvino/openvino.hpp>
#include <openvino/opsets/opset8.hpp>
#include <string>
#include <vector>

namespace curlew::test {
namespace {

namespace op = ov::opset8;
using Node = std::shared_ptr<ov::Node>;

constexpr std::size_t kSide = 32;

Node numbers(const ov::Shape& shape, const std::vector<float>& values) {
  return op::Constant::create(ov::element::f32, shape, values);
}
Node whole(const std::vector<std::int64_t>& values) {
  return op::Constant::create(ov::element::i64, {values.size()}, values);
}

struct NamedOutput {
  std::string name;
  Node node;
};

std::vector<NamedOutput> ssd(const Node& brightness) {
  // ymin, xmin, ymax, xmax as parts of the input; a column a class, the first of them the background, sure of itself.
  const Node boxes = numbers({1, 2, 4}, {4 / 32.F, 8 / 32.F, 12 / 32.F, 24 / 32.F, 16 / 32.F, 0, 1, 8 / 32.F});
  const Node part = numbers({1, 2, 3}, {0, 1, 0, 0, 0, 0.5F});
  const Node background = numbers({1, 2, 3}, {9, 0, 0, 9, 0, 0});
  return {{"boxes", boxes},
          {"scores", std::make_shared<op::Add>(std::make_shared<op::Multiply>(part, brightness), background)}};
}

std::vector<NamedOutput> yolox(const Node& brightness) {
  constexpr std::size_t kRows = 4 * 4 + 2 * 2 + 1;
  constexpr std::size_t kColumns = 5 + 3;
  std::vector<float> still(kRows * kColumns);
  std::vector<float> lit(kRows * kColumns);
  // In the grid of 8 pixels a cell, column 2, line 1: centre 16,8 and size 16 x 8.
  float* first = still.data() + (1 * 4 + 2) * kColumns;
  first[2] = std::log(2.0F);
  first[4] = 1;
  // In the grid of 16 pixels a cell, column 0, line 1: centre 4,24 and size 8 x 16.
  float* second = still.data() + (16 + 2) * kColumns;
  second[0] = 0.25F;
  second[1] = 0.5F;
  second[2] = std::log(0.5F);
  second[4] = 0.5F;
  lit[(1 * 4 + 2) * kColumns + 5 + 1] = 1;
  lit[(16 + 2) * kColumns + 5 + 2] = 1;
  const ov::Shape shape{1, kRows, kColumns};
  return {{"output", std::make_shared<op::Add>(numbers(shape, still),
                                               std::make_shared<op::Multiply>(numbers(shape, lit), brightness))}};
}

std::vector<NamedOutput> boxes_labels_scores(const Node& brightness) {
  const Node fourths = std::make_shared<op::Floor>(std::make_shared<op::Multiply>(brightness, numbers({}, {4})));
  const Node count = std::make_shared<op::Minimum>(std::make_shared<op::Convert>(fourths, ov::element::i64),
                                                   op::Constant::create(ov::element::i64, {}, {2}));
  const Node end = std::make_shared<op::Reshape>(count, whole({1}), false);
  const auto first_of = [&](const Node& all) {
    return std::make_shared<op::Slice>(all, whole({0}), end, whole({1}), whole({0}));
  };
  const Node scores = std::make_shared<op::Multiply>(numbers({2}, {1, 0.5F}), brightness);
  return {{"boxes", first_of(numbers({2, 4}, {8, 4, 24, 12, 0, 16, 8, 32}))},
          {"labels", first_of(whole({1, 2}))},
          {"scores", first_of(scores)}};
}

std::vector<NamedOutput> outputs_of(const TinyDetector& detector, const Node& brightness) {
  switch (detector.form) {
    case DetectionForm::kSsd:
      return ssd(brightness);
    case DetectionForm::kYolox:
      return yolox(brightness);
    case DetectionForm::kBoxesLabelsScores:
      break;
  }
  return boxes_labels_scores(brightness);
}

std::shared_ptr<op::Parameter> picture(const TinyDetector& detector) {
  if (!detector.floats) return std::make_shared<op::Parameter>(ov::element::u8, ov::Shape{1, kSide, kSide, 3});
  if (detector.listed) return std::make_shared<op::Parameter>(ov::element::f32, ov::Shape{3, kSide, kSide});
  return std::make_shared<op::Parameter>(ov::element::f32, ov::Shape{1, 3, kSide, kSide});
}

}  // namespace

void write_ir(const TinyDetector& detector, const std::filesystem::path& path) {
  const auto input = picture(detector);
  const Node values = std::make_shared<op::Convert>(input, ov::element::f32);
  std::vector<std::int64_t> axes = {0, 1, 2, 3};
  axes.resize(input->get_shape().size());
  Node brightness = std::make_shared<op::ReduceMean>(values, whole(axes), false);
  brightness = std::make_shared<op::Multiply>(brightness, numbers({}, {1 / 255.0F}));
  auto outputs = outputs_of(detector, brightness);
  if (detector.nan_when_bright) {
    const Node root = std::make_shared<op::Sqrt>(std::make_shared<op::Subtract>(numbers({}, {0.9F}), brightness));
    Node& last = outputs.back().node;
    last = std::make_shared<op::Add>(last, std::make_shared<op::Multiply>(root, numbers({}, {0})));
  }
  if (detector.one_more_output) outputs.push_back({"anchors", numbers({5}, {1, 2, 3, 4, 5})});
  if (detector.turned) std::ranges::reverse(outputs);
  ov::OutputVector nodes;
  for (const NamedOutput& output : outputs) {
    nodes.push_back(output.node->output(0));
    nodes.back().set_names(detector.named ? std::unordered_set<std::string>{output.name}
                                          : std::unordered_set<std::string>{});
  }
  std::filesystem::create_directories(path.parent_path());
  const ov::Model model(nodes, ov::ParameterVector{input});
  ov::serialize(model.clone(), path.string(), std::filesystem::path(path).replace_extension(".bin").string());
}

}  // namespace curlew::test
