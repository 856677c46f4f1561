#include "curlew/service/inference_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "curlew/base/base64.hpp"
#include "curlew/intake/list_entry.hpp"
#include "curlew/service/inference_head.hpp"
#include "curlew/store/batch.hpp"

namespace curlew {
namespace {

constexpr std::string_view kInputName = "image";
constexpr std::size_t kLengthBytes = 4;  // in front of each element of a binary tensor

constexpr std::array<std::string_view, 4> kTensorNames{"labels", "scores", "boxes", "errors"};

tl::unexpected<HttpProblem> malformed(std::string detail) {
  return tl::make_unexpected(make_problem(HttpErrorCode::kMalformed, std::move(detail)));
}

tl::unexpected<HttpProblem> wrong(std::string detail) {
  return tl::make_unexpected(make_problem(HttpErrorCode::kInvalidRequest, std::move(detail)));
}

bool is_url(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

InferencePicture fetched_from(std::string_view url) {
  return {.bytes = {}, .url = std::string(url.substr(0, kMaxEntryBytes))};
}

InferencePicture picture_of(std::string_view element) {
  if (is_url(element)) return fetched_from(element);
  const auto bytes = std::as_bytes(std::span(element));
  return {.bytes = {bytes.begin(), bytes.end()}, .url = {}};
}

bool has_tensor(Task task, InferenceTensor tensor) {
  return tensor != InferenceTensor::kBoxes || task == Task::kDetect;
}

/// How many pictures the shape speaks of.
Result<std::uint64_t, HttpProblem> count_of(const InferenceHead::Input& input, const InferenceRules& rules) {
  if (input.name != kInputName) {
    return wrong(fmt::format("there is no input of this name; the one that there is has the name \"{}\"", kInputName));
  }
  if (input.datatype != "BYTES") return wrong("the datatype of the input must be BYTES: each element is a picture");
  const auto& shape = input.shape;
  if (shape.empty() || shape.size() > 2 || (shape.size() == 2 && shape[1] != 1)) {
    return wrong("the shape of the input must be [n] or [n, 1]");
  }
  if (shape[0] > rules.max_pictures) {
    return wrong(fmt::format("at most {} pictures are taken; send them in several requests", rules.max_pictures));
  }
  return shape[0];
}

/// What is wrong with a list that does not agree with its shape.
std::string disagreement(std::uint64_t count) {
  return fmt::format("the shape says {} elements, and the data has another number of them", count);
}

Result<std::vector<InferencePicture>, HttpProblem> read_json_tensor(InferenceHead::Input& input, std::uint64_t count) {
  auto& data = *input.data;
  if (data.size() != count) return wrong(disagreement(count));
  if (input.data_rank > input.shape.size()) return wrong("\"data\" has more levels than the shape");
  std::vector<InferencePicture> pictures;
  pictures.reserve(data.size());
  for (std::string& element : data) {
    const std::string text = std::exchange(element, {});  // bytes and text of all at once would be twice as much
    if (is_url(text)) {
      pictures.push_back(fetched_from(text));
      continue;
    }
    auto bytes = decode_base64(text);
    if (!bytes) {
      return wrong(fmt::format("element {} of the data is neither a picture in base64 nor an http or https URL",
                               pictures.size()));
    }
    pictures.push_back({.bytes = std::move(*bytes), .url = {}});
  }
  return pictures;
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8U * static_cast<unsigned>(i));
  }
  return value;
}

Result<std::vector<InferencePicture>, HttpProblem> read_binary_tensor(std::string_view bytes, std::uint64_t count) {
  std::vector<InferencePicture> pictures;
  while (!bytes.empty()) {
    const std::size_t length = bytes.size() < kLengthBytes ? bytes.size() : little_endian(bytes);
    if (bytes.size() < kLengthBytes || length > bytes.size() - kLengthBytes) {
      return malformed(fmt::format("element {} of the binary data ends behind the data", pictures.size()));
    }
    if (pictures.size() == count) return wrong(disagreement(count));
    pictures.push_back(picture_of(bytes.substr(kLengthBytes, length)));
    bytes.remove_prefix(kLengthBytes + length);
  }
  if (pictures.size() != count) return wrong(disagreement(count));
  return pictures;
}

Result<std::vector<InferencePicture>, HttpProblem> read_pictures(InferenceHead::Input& input, std::string_view tail,
                                                                 const InferenceRules& rules) {
  const auto count = count_of(input, rules);
  if (!count) return tl::make_unexpected(count.error());
  if (input.data.has_value() == input.binary_bytes.has_value()) {
    return wrong("the input must have either \"data\" or the parameter binary_data_size");
  }
  if (input.binary_bytes.value_or(0) != tail.size()) {
    return malformed(fmt::format(
        "{} bytes follow the JSON of the request, and binary_data_size says {}; Inference-Header-Content-Length must "
        "be the length of the JSON",
        tail.size(), input.binary_bytes.value_or(0)));
  }
  return input.data ? read_json_tensor(input, *count) : read_binary_tensor(tail, *count);
}

Result<std::vector<InferenceWish>, HttpProblem> read_wishes(const InferenceHead& head, Task task) {
  std::vector<InferenceWish> wishes;
  for (const NamedOutput& output : head.outputs) {
    const auto found = std::ranges::find(kTensorNames, output.name);
    const auto tensor = static_cast<InferenceTensor>(found - kTensorNames.begin());
    if (found == kTensorNames.end() || !has_tensor(task, tensor)) {
      return wrong(fmt::format("there is no output \"{}\"; there are labels, scores{} and errors", output.name,
                               task == Task::kDetect ? ", boxes" : ""));
    }
    std::erase_if(wishes, [&](const InferenceWish& wish) { return wish.tensor == tensor; });
    wishes.push_back({.tensor = tensor, .binary = output.binary.value_or(head.binary_output)});
  }
  return wishes;
}

std::vector<InferenceWish> all_wishes(Task task, bool binary) {
  std::vector<InferenceWish> wishes;
  for (const auto tensor : {InferenceTensor::kLabels, InferenceTensor::kScores, InferenceTensor::kBoxes}) {
    if (has_tensor(task, tensor)) wishes.push_back({.tensor = tensor, .binary = binary});
  }
  return wishes;
}

/// One picture, and nothing said of it.
InferenceRequest bare_request(std::string_view body, Task task) {
  InferenceRequest request;
  request.pictures.push_back(picture_of(body));
  request.wishes = all_wishes(task, /*binary=*/true);
  request.binary_output = true;
  return request;
}

}  // namespace

bool InferenceRequest::wishes_for(InferenceTensor tensor) const {
  return std::ranges::any_of(wishes, [tensor](const InferenceWish& wish) { return wish.tensor == tensor; });
}

std::string_view tensor_name(InferenceTensor tensor) { return kTensorNames[static_cast<std::size_t>(tensor)]; }

Result<std::size_t, HttpProblem> read_head_length(std::string_view value) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (error == std::errc() && end == value.data() + value.size()) return length;
  return malformed("Inference-Header-Content-Length must be the length of the request's JSON in bytes");
}

Result<InferenceRequest, HttpProblem> read_inference_request(std::string_view body,
                                                             std::optional<std::size_t> head_bytes,
                                                             const InferenceRules& rules) {
  if (head_bytes == 0U) return bare_request(body, rules.task);
  if (head_bytes && *head_bytes > body.size()) {
    return malformed("Inference-Header-Content-Length says more bytes than the body has");
  }
  const std::size_t head_size = head_bytes.value_or(body.size());
  auto head = read_inference_head(body.substr(0, head_size), {.elements = rules.max_pictures});
  if (!head) return tl::make_unexpected(std::move(head.error()));
  auto wishes = read_wishes(*head, rules.task);
  if (!wishes) return tl::make_unexpected(std::move(wishes.error()));
  auto pictures = read_pictures(head->input, body.substr(head_size), rules);
  if (!pictures) return tl::make_unexpected(std::move(pictures.error()));

  InferenceRequest request{.id = std::move(head->id),
                           .top = head->top,
                           .threshold = head->threshold,
                           .pictures = std::move(*pictures),
                           .wishes = std::move(*wishes),
                           .names_outputs = !head->outputs.empty(),
                           .binary_output = head->binary_output};
  if (!request.names_outputs) request.wishes = all_wishes(rules.task, head->binary_output);
  const auto top = static_cast<std::size_t>(request.top.value_or(BatchOptions{}.top));
  if (rules.task == Task::kClassify && top > rules.max_cells / request.pictures.size()) {
    return wrong(fmt::format("{} pictures with {} labels each are too many for one answer; ask for fewer",
                             request.pictures.size(), top));
  }
  return request;
}

}  // namespace curlew
