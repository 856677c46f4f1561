#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "curlew/wire/error_text.hpp"
#include "curlew/wire/packed.hpp"
#include "curlew/wire/result_map.hpp"

namespace curlew {
namespace {

/// Far more than any network finds; each takes some ten times as much memory as on the wire.
constexpr std::uint32_t kMaxPredictions = 100'000;
constexpr std::size_t kMaxBatchBytes = 64;

tl::unexpected<Error> no_result(std::string why) {
  return failure(ErrorCode::kInternal, fmt::format("this is no result: {}", why));
}

std::uint32_t count_in(std::string_view packed) {
  constexpr auto kMost = std::int64_t{std::numeric_limits<std::uint32_t>::max()};
  return static_cast<std::uint32_t>(integer_in(packed, 0, kMost).value_or(0));
}

int int_in(std::string_view packed, int least, int otherwise) {
  return static_cast<int>(integer_in(packed, least, std::numeric_limits<int>::max()).value_or(otherwise));
}

std::string string_in(std::string_view packed) { return std::string(text_in(packed).value_or("")); }

float score_of(double number) { return static_cast<float>(std::clamp(number, 0.0, 1.0)); }

/// A list of at most kMaxPredictions values, each as its bytes.
std::optional<std::vector<std::string_view>> list_in(std::string_view packed) {
  PackedReader reader(packed);
  const PackedValue list = reader.next();
  if (list.kind != PackedKind::kList || list.count > kMaxPredictions) return std::nullopt;
  std::vector<std::string_view> values(list.count);
  for (std::string_view& value : values) value = reader.next_whole();
  return values;
}

std::optional<Box> box_in(std::string_view packed) {
  constexpr double kMost = 1e9;
  const auto edges = list_in(packed);
  if (!edges || edges->size() != 4) return std::nullopt;
  std::array<float, 4> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = number_in(edges->at(i));
    if (!number || std::fabs(*number) > kMost) return std::nullopt;
    numbers[i] = static_cast<float>(*number);
  }
  const auto [x1, x2] = std::minmax(numbers[0], numbers[2]);
  const auto [y1, y2] = std::minmax(numbers[1], numbers[3]);
  return Box{.x1 = x1, .y1 = y1, .x2 = x2, .y2 = y2};
}

/// The members of a success, as their bytes.
struct Lists {
  std::string_view boxes;
  std::string_view labels;
  std::string_view scores;
  std::string_view classes;
};

Result<std::vector<Prediction>> read_predictions(const Lists& packed) {
  const auto boxes = list_in(packed.boxes);
  const auto labels = list_in(packed.labels);
  const auto scores = list_in(packed.scores);
  if (!boxes || !labels || !scores) return no_result("it has neither an error nor boxes, labels and scores");
  const std::size_t count = labels->size();
  if (scores->size() != count || (!boxes->empty() && boxes->size() != count)) {
    return no_result("its boxes, labels and scores are not of one length");
  }
  const auto classes = list_in(packed.classes);
  const bool has_classes = classes && classes->size() == count;
  std::vector<Prediction> predictions(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = text_in(labels->at(i));
    const auto score = number_in(scores->at(i));
    if (!label || !score) return no_result("a label is no text, or a score no number");
    predictions[i].index = has_classes ? int_in(classes->at(i), 0, -1) : -1;
    predictions[i].label = *label;
    predictions[i].score = score_of(*score);
    if (boxes->empty()) continue;
    predictions[i].box = box_in(boxes->at(i));
    if (!predictions[i].box) return no_result("a box is not of four numbers");
  }
  std::ranges::stable_sort(predictions, std::greater{}, &Prediction::score);
  return predictions;
}

PictureInfo read_image(std::string_view packed) {
  constexpr std::array<std::string_view, 5> kNames{"width", "height", "format", "bytes", "sha256"};
  const auto [width, height, format, bytes, sha256] = members_of(packed, kNames);
  PictureInfo image;
  image.width_px = int_in(width, 0, 0);
  image.height_px = int_in(height, 0, 0);
  image.bytes = static_cast<std::uint64_t>(integer_in(bytes, 0, std::numeric_limits<std::int64_t>::max()).value_or(0));
  image.sha256 = string_in(sha256);
  using enum PictureFormat;
  for (const PictureFormat known : {kJpeg, kPng, kWebp, kGif, kBmp, kAvif}) {
    if (text_in(format) == to_string(known)) image.format = known;
  }
  return image;
}

ModelId read_model(std::string_view packed) {
  constexpr std::array<std::string_view, 2> kNames{"name", "sha256"};
  const auto [name, sha256] = members_of(packed, kNames);
  return {.name = string_in(name), .sha256 = string_in(sha256)};
}

Timings read_timings(std::string_view packed) {
  constexpr std::array<std::string_view, 5> kNames{"queue", "fetch", "decode", "infer", "total"};
  const auto [queue, fetch, decode, infer, total] = members_of(packed, kNames);
  const auto time = [](std::string_view ms) { return std::max(0.0, number_in(ms).value_or(0)); };
  return {.queue_ms = time(queue),
          .fetch_ms = time(fetch),
          .decode_ms = time(decode),
          .infer_ms = time(infer),
          .total_ms = time(total)};
}

/// `text` is what the error says; the others are members that only Curlew sends.
Error read_error(std::string_view text, std::string_view code, std::string_view retryable, std::string_view status) {
  const auto name = text_in(code);
  const auto row = std::ranges::find_if(error_table(), [&](const ErrorInfo& info) { return info.wire_name == name; });
  if (row == error_table().end()) return error_of_text(text);
  Error error = make_error(row->code, message_of(row->code, text));
  if (const PackedValue flag = outline(retryable); flag.kind == PackedKind::kBoolean) error.retryable = flag.truth;
  error.http_status = static_cast<int>(integer_in(status, 0, 999).value_or(0));
  return error;
}

}  // namespace

Result<ResultMessage> unpack_result(std::string_view packed) {
  constexpr std::array<std::string_view, 16> kNames{
      "url",        "error", "boxes",     "labels",      "scores",           "classes",  "model", "image",
      "timings_ms", "code",  "retryable", "http_status", "background_score", "batch_id", "index", "seq"};
  const auto [url, error, boxes, labels, scores, classes, model, image, timings, code, retryable, status, background,
              batch, index, sequence] = members_of(packed, kNames);
  const auto url_text = text_in(url);
  if (!url_text) return no_result("it has no url");
  ResultMessage message;
  ItemResult& result = message.result;
  result.url = *url_text;
  if (const auto text = text_in(batch); text && text->size() <= kMaxBatchBytes) result.batch = *text;
  result.index = count_in(index);
  message.has_index = outline(index).kind == PackedKind::kInteger && outline(index).integer == result.index;
  message.sequence = count_in(sequence);
  message.total = count_in(members_of(packed, std::array<std::string_view, 1>{"total"})[0]);
  result.timings = read_timings(timings);
  if (outline(error).kind != PackedKind::kNil) {
    const auto text = text_in(error);
    if (!text) return no_result("its error is no text");
    result.outcome = read_error(*text, code, retryable, status);
    return message;
  }
  auto predictions = read_predictions({.boxes = boxes, .labels = labels, .scores = scores, .classes = classes});
  if (!predictions) return tl::make_unexpected(std::move(predictions.error()));
  Success success{.model = read_model(model), .image = read_image(image), .answer = {}};
  success.answer.predictions = std::move(*predictions);
  if (const auto score = number_in(background)) success.answer.background_score = score_of(*score);
  result.outcome = std::move(success);
  return message;
}

}  // namespace curlew
