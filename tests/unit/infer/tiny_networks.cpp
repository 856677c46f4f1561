#include "unit/infer/tiny_networks.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <openvino/openvino.hpp>
#include <openvino/opsets/opset8.hpp>
#include <vector>

#include "unit/infer/temp_folder.hpp"

namespace curlew::test {
namespace {

namespace op = ov::opset8;

std::shared_ptr<ov::Node> number(float value) { return op::Constant::create(ov::element::f32, {}, {value}); }

std::shared_ptr<ov::Model> build(const TinyNetwork& tiny) {
  const ov::Dimension side = tiny.dynamic ? ov::Dimension() : ov::Dimension(tiny.side_px);
  ov::PartialShape shape{1, side, side, 3};
  if (tiny.nchw) shape = {1, 3, side, side};
  const auto input = std::make_shared<op::Parameter>(tiny.bytes ? ov::element::u8 : ov::element::f32, shape);
  std::shared_ptr<ov::Node> x = input;
  if (tiny.bytes) {
    x = std::make_shared<op::Convert>(x, ov::element::f32);
    x = std::make_shared<op::Multiply>(x, number(1.0F / 255));
  }
  const std::vector<std::int64_t> axes = tiny.nchw ? std::vector<std::int64_t>{2, 3} : std::vector<std::int64_t>{1, 2};
  x = std::make_shared<op::ReduceMean>(x, op::Constant::create(ov::element::i64, {2}, axes), false);
  x = std::make_shared<op::Multiply>(x, number(tiny.steepness));
  if (tiny.softmax) x = std::make_shared<op::Softmax>(x, 1);
  if (tiny.gives_nan) x = std::make_shared<op::Multiply>(x, number(std::numeric_limits<float>::quiet_NaN()));
  if (tiny.gives_infinity) x = std::make_shared<op::Add>(x, number(std::numeric_limits<float>::infinity()));
  if (tiny.byte_output) {
    x = std::make_shared<op::Multiply>(x, number(255));
    x = std::make_shared<op::Convert>(x, ov::element::u8);
  }
  return std::make_shared<ov::Model>(ov::OutputVector{x}, ov::ParameterVector{input});
}

// Protocol buffers by hand: a field is its number and kind, then a varint, or a length and bytes.
std::string varint(std::uint64_t value) {
  std::string out;
  for (; value > 127; value >>= 7) out += static_cast<char>((value & 127) | 128);
  return out + static_cast<char>(value);
}
std::string field(int number, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(number) << 3) + varint(value);
}
std::string field(int number, const std::string& bytes) {
  return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(bytes.size()) + bytes;
}

// onnx.proto: ValueInfoProto, NodeProto, AttributeProto.
std::string onnx_value(const std::string& name, const std::vector<std::uint64_t>& dimensions) {
  std::string shape;
  for (const auto size : dimensions) shape += field(1, field(1, size));
  return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)));
}
std::string onnx_node(const std::string& kind, const std::string& in, const std::string& out,
                      const std::string& rest = "") {
  return field(1, field(1, in) + field(2, out) + field(3, out) + field(4, kind) + rest);
}
std::string onnx_axis() { return field(5, field(1, std::string("axis")) + field(3, 1) + field(20, 2)); }

// tensorflow's graph.proto: NodeDef and AttrValue; a map's entry is a message of key (1) and value (2).
std::string tf_shape(const std::vector<std::uint64_t>& dimensions) {
  std::string shape;
  for (const auto size : dimensions) shape += field(2, field(1, size));
  return shape;
}
std::string tf_attr(const std::string& key, const std::string& value) {
  return field(5, field(1, key) + field(2, value));
}
std::string tf_node(const std::string& name, const std::string& kind, const std::vector<std::string>& inputs,
                    const std::string& attrs) {
  std::string node = field(1, name) + field(2, kind);
  for (const auto& input : inputs) node += field(3, input);
  return field(1, node + attrs);
}
std::string tf_tensor_info(const std::string& name, const std::vector<std::uint64_t>& dimensions) {
  return field(1, name) + field(2, 1) + field(3, tf_shape(dimensions));
}

}  // namespace

void write_ir(const TinyNetwork& network, const std::filesystem::path& path) {
  std::filesystem::create_directories(path.parent_path());
  ov::serialize(build(network), path.string(), std::filesystem::path(path).replace_extension(".bin").string());
}

void write_onnx(const std::filesystem::path& path) {
  const std::string graph = onnx_node("GlobalAveragePool", "x", "means") +
                            onnx_node("Flatten", "means", "flat", onnx_axis()) +
                            onnx_node("Softmax", "flat", "scores", onnx_axis()) + field(2, std::string("tiny")) +
                            field(11, onnx_value("x", {1, 3, 8, 8})) + field(12, onnx_value("scores", {1, 3}));
  write_file(path, field(1, 8) + field(7, graph) + field(8, field(1, std::string()) + field(2, 13)));
}

void write_saved_model(const std::filesystem::path& folder) {
  constexpr std::uint64_t kFloat = 1;
  constexpr std::uint64_t kInt32 = 3;
  const std::string floats = field(6, kFloat);
  const std::string ints = field(6, kInt32);
  std::string axes(8, '\0');
  axes[0] = 1;
  axes[4] = 2;
  const std::string graph =
      tf_node("x", "Placeholder", {}, tf_attr("dtype", floats) + tf_attr("shape", field(7, tf_shape({1, 8, 8, 3})))) +
      tf_node("axes", "Const", {},
              tf_attr("dtype", ints) +
                  tf_attr("value", field(8, field(1, kInt32) + field(2, tf_shape({2})) + field(4, axes)))) +
      tf_node("means", "Mean", {"x", "axes"},
              tf_attr("T", floats) + tf_attr("Tidx", ints) + tf_attr("keep_dims", field(5, 0))) +
      tf_node("scores", "Softmax", {"means"}, tf_attr("T", floats));
  const std::string signature =
      field(1, field(1, std::string("x")) + field(2, tf_tensor_info("x:0", {1, 8, 8, 3}))) +
      field(2, field(1, std::string("scores")) + field(2, tf_tensor_info("scores:0", {1, 3}))) +
      field(3, std::string("tensorflow/serving/predict"));
  const std::string meta = field(1, field(4, std::string("serve"))) + field(2, graph) +
                           field(5, field(1, std::string("serving_default")) + field(2, signature));
  write_file(folder / "saved_model.pb", field(1, 1) + field(2, meta));
}

Result<Answer> ask(Lane& lane, std::array<std::uint8_t, 3> rgb) {
  const auto pixels = lane.input();
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = rgb[i % 3];
  return lane.run({}, {.top = 1000, .threshold = 0});
}

int best_class(Lane& lane, std::array<std::uint8_t, 3> rgb) {
  const auto answer = ask(lane, rgb);
  return answer && !answer->predictions.empty() ? answer->predictions.front().index : -1;
}

}  // namespace curlew::test
