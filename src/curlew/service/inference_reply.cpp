#include "curlew/service/inference_reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace curlew {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBoxNumbers = 4;

std::string json_text(std::string_view text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

/// A tensor while its elements are written, in JSON or as bytes.
class TensorText {
 public:
  explicit TensorText(bool binary) : binary_(binary) {}

  void add(std::string_view text) {
    if (binary_) {
      add_bits(static_cast<std::uint32_t>(text.size()));
      text_ += text;
    } else {
      text_ += separator();
      text_ += json_text(text);
    }
  }
  void add(float number) {
    if (binary_) return add_bits(std::bit_cast<std::uint32_t>(number));
    text_ += separator();
    fmt::format_to(std::back_inserter(text_), "{}", number);
  }
  std::string take() { return std::move(text_); }

 private:
  void add_bits(std::uint32_t bits) {
    for (unsigned shift = 0; shift < 32; shift += 8) text_ += static_cast<char>((bits >> shift) & 0xFFU);
  }
  std::string_view separator() const { return text_.empty() ? "" : ","; }

  const bool binary_;
  std::string text_;
};

std::span<const Prediction> row_of(const ItemResult& result) {
  const auto* success = std::get_if<Success>(&result.outcome);
  return success == nullptr ? std::span<const Prediction>{} : std::span(success->answer.predictions);
}

const Error* error_of(const ItemResult& result) { return std::get_if<Error>(&result.outcome); }

std::string error_text(const Error& error) {
  return fmt::format("{}: {}", error_info(error.code).wire_name, error.message);
}

/// How many objects or labels a row has.
std::size_t width_of(std::span<const ItemResult> results, const InferenceContext& context) {
  if (context.task == Task::kClassify) return context.top;
  std::size_t width = 0;
  for (const ItemResult& result : results) width = std::max(width, row_of(result).size());
  return std::min(width, context.max_cells / std::max<std::size_t>(results.size(), 1));
}

void add_cell(TensorText& text, InferenceTensor tensor, const Prediction* prediction) {
  if (tensor == InferenceTensor::kLabels) return text.add(prediction == nullptr ? "" : prediction->label);
  if (tensor == InferenceTensor::kScores) return text.add(prediction == nullptr ? 0.0F : prediction->score);
  const Box box = prediction == nullptr ? Box{} : prediction->box.value_or(Box{});
  for (const float number : {box.x1, box.y1, box.x2, box.y2}) text.add(number);
}

std::string write_tensor(const InferenceWish& wish, std::span<const ItemResult> results, std::size_t width) {
  TensorText text(wish.binary);
  for (const ItemResult& result : results) {
    if (wish.tensor == InferenceTensor::kErrors) {
      const Error* error = error_of(result);
      text.add(error == nullptr ? std::string() : error_text(*error));
      continue;
    }
    const auto row = row_of(result);
    for (std::size_t i = 0; i < width; ++i) add_cell(text, wish.tensor, i < row.size() ? &row[i] : nullptr);
  }
  return text.take();
}

std::string_view datatype_of(InferenceTensor tensor) {
  return tensor == InferenceTensor::kLabels || tensor == InferenceTensor::kErrors ? "BYTES" : "FP32";
}

/// Of an output; -1 is a number that is known with the answer only.
std::vector<std::int64_t> shape_of(InferenceTensor tensor, std::int64_t pictures, std::int64_t width) {
  if (tensor == InferenceTensor::kErrors) return {pictures};
  if (tensor == InferenceTensor::kBoxes) return {pictures, width, kBoxNumbers};
  return {pictures, width};
}

HttpErrorCode status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal:
    case ErrorCode::kInferenceFailed:
    case ErrorCode::kNonFiniteOutput:
      return HttpErrorCode::kInternal;
    case ErrorCode::kCancelled:
      return HttpErrorCode::kDraining;
    default:
      return HttpErrorCode::kInvalidRequest;
  }
}

HttpProblem nothing_done(std::span<const ItemResult> results) {
  const Error& first = *error_of(results.front());
  if (results.size() == 1) return make_problem(status_of(first.code), error_text(first));
  return make_problem(status_of(first.code), fmt::format("none of the {} pictures has an answer; the first: {}",
                                                         results.size(), error_text(first)));
}

}  // namespace

Result<InferenceReply, HttpProblem> write_inference_reply(const InferenceRequest& request,
                                                          std::span<const ItemResult> results,
                                                          const InferenceContext& context) {
  const auto failed =
      static_cast<std::size_t>(std::ranges::count_if(results, [](const ItemResult& result) { return !result.ok(); }));
  std::vector<InferenceWish> wishes = request.wishes;
  if (failed > 0 && !request.wishes_for(InferenceTensor::kErrors)) {
    if (failed == results.size()) return tl::make_unexpected(nothing_done(results));
    wishes.push_back({.tensor = InferenceTensor::kErrors, .binary = request.binary_output});
  }
  const std::size_t width = width_of(results, context);

  InferenceReply reply;
  std::string binary;
  reply.body = "{";
  if (request.id) reply.body += fmt::format("\"id\":{},", json_text(*request.id));
  reply.body +=
      fmt::format(R"("model_name":{},"model_version":"{}","outputs":[)", json_text(context.model), kModelVersion);
  for (const InferenceWish& wish : wishes) {
    if (&wish != wishes.data()) reply.body += ',';
    const std::string data = write_tensor(wish, results, width);
    const auto shape =
        shape_of(wish.tensor, static_cast<std::int64_t>(results.size()), static_cast<std::int64_t>(width));
    reply.body += fmt::format(R"({{"name":"{}","datatype":"{}","shape":[{}],)", tensor_name(wish.tensor),
                              datatype_of(wish.tensor), fmt::join(shape, ","));
    if (wish.binary) {
      reply.body += fmt::format(R"("parameters":{{"binary_data_size":{}}}}})", data.size());
      binary += data;
    } else {
      reply.body += "\"data\":[";
      reply.body += data;
      reply.body += "]}";
    }
  }
  reply.body += "]}";
  const bool any_binary = std::ranges::any_of(wishes, [](const InferenceWish& wish) { return wish.binary; });
  if (any_binary) reply.head_bytes = reply.body.size();
  reply.body += binary;
  return reply;
}

std::string inference_metadata_json(std::string_view model, Task task) {
  Json outputs = Json::array();
  for (const auto tensor :
       {InferenceTensor::kLabels, InferenceTensor::kScores, InferenceTensor::kBoxes, InferenceTensor::kErrors}) {
    if (tensor == InferenceTensor::kBoxes && task != Task::kDetect) continue;
    outputs.push_back(
        {{"name", tensor_name(tensor)}, {"datatype", datatype_of(tensor)}, {"shape", shape_of(tensor, -1, -1)}});
  }
  const Json json = {{"name", model},
                     {"versions", {kModelVersion}},
                     {"platform", "curlew"},
                     {"inputs", {{{"name", "image"}, {"datatype", "BYTES"}, {"shape", {-1}}}}},
                     {"outputs", std::move(outputs)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace curlew
