#include "curlew/publish/json_encoder.hpp"

#include <fmt/format.h>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>
#include <variant>

#include "curlew/base/base64.hpp"
#include "curlew/base/error.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/publish/json_text.hpp"

namespace curlew {
namespace {

/// `"name":`, with a comma in front of all but a value's first.
void append_name(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  append_name(out, name);
  append_json_text(out, text);
}

template <std::integral T>
void append_whole(std::string& out, std::string_view name, T number) {
  append_name(out, name);
  fmt::format_to(std::back_inserter(out), FMT_STRING("{}"), number);
}

void append_flag(std::string& out, std::string_view name, bool flag) {
  append_name(out, name);
  out += flag ? "true" : "false";
}

void append_timing(std::string& out, std::string_view name, double ms) {
  append_name(out, name);
  append_json_fixed(out, ms, 1);
}

void append_prediction(std::string& out, const Prediction& prediction) {
  out += '{';
  if (prediction.index >= 0) append_whole(out, "index", prediction.index);
  append_text(out, "label", prediction.label);
  append_name(out, "score");
  append_json_score(out, prediction.score);
  if (const auto& box = prediction.box) {
    append_name(out, "box");
    char before = '[';
    for (const float edge : {box->x1, box->y1, box->x2, box->y2}) {
      out += before;
      append_json_fixed(out, static_cast<double>(edge), 2);
      before = ',';
    }
    out += ']';
  }
  out += '}';
}

void append_image(std::string& out, const PictureInfo& image) {
  append_name(out, "image");
  out += '{';
  append_whole(out, "width", image.width_px);
  append_whole(out, "height", image.height_px);
  append_text(out, "format", to_string(image.format));
  append_whole(out, "bytes", image.bytes);
  append_text(out, "sha256", image.sha256);
  if (!image.thumbnail.empty()) {
    append_name(out, "thumbnail");
    out += "\"data:image/jpeg;base64,";
    out += encode_base64(std::as_bytes(std::span(image.thumbnail)));
    out += '"';
  }
  out += '}';
}

void append_outcome(std::string& out, const Success& success) {
  const bool model_known = !success.model.name.empty() || !success.model.sha256.empty();
  if (model_known) {
    append_name(out, "model");
    out += '{';
    append_text(out, "name", success.model.name);
    append_text(out, "sha256", success.model.sha256);
    out += '}';
  }
  if (success.image.width_px > 0) append_image(out, success.image);
  append_name(out, "predictions");
  out += '[';
  for (const Prediction& prediction : success.answer.predictions) {
    if (&prediction != success.answer.predictions.data()) out += ',';
    append_prediction(out, prediction);
  }
  out += ']';
  if (const auto background = success.answer.background_score) {
    append_flag(out, "background", true);
    append_name(out, "background_score");
    append_json_score(out, *background);
  }
}

void append_outcome(std::string& out, const Error& error) {
  append_name(out, "error");
  out += '{';
  append_text(out, "code", error_info(error.code).wire_name);
  append_text(out, "message", error.message);
  if (error.http_status != 0) append_whole(out, "http_status", error.http_status);
  append_flag(out, "retryable", error.retryable);
  out += '}';
}

void append_steps(std::string& out, const Timings& timings) {
  append_timing(out, "queue", timings.queue_ms);
  append_timing(out, "fetch", timings.fetch_ms);
  append_timing(out, "decode", timings.decode_ms);
  append_timing(out, "infer", timings.infer_ms);
  append_timing(out, "total", timings.total_ms);
}

/// What most results have room in.
constexpr std::size_t kUsualBytes = 1024;

void append_result(std::string& out, const ItemResult& result) {
  out += '{';
  append_whole(out, "index", result.index);
  append_text(out, "url", result.url);
  append_text(out, "status", result.ok() ? "ok" : "error");
  std::visit([&](const auto& outcome) { append_outcome(out, outcome); }, result.outcome);
  append_name(out, "timings_ms");
  out += '{';
  append_steps(out, result.timings);
  out += "}}";
}

}  // namespace

std::string encode_json(const ItemResult& result) {
  std::string out;
  out.reserve(kUsualBytes);
  append_result(out, result);
  return out;
}

std::string encode_ndjson(const ItemResult& result) { return encode_json(result) + '\n'; }

std::string encode_json_run(std::span<const ItemResult> results, const RunSummary& summary) {
  std::string out = R"({"results": [)";
  out.reserve(kUsualBytes * (results.size() + 1));
  for (const ItemResult& result : results) {
    out += &result == results.data() ? "\n" : ",\n";
    append_result(out, result);
  }
  Timings times = summary.sums;
  times.total_ms = summary.total_ms;
  out += results.empty() ? "" : "\n";
  out += R"(], "timings_ms": {)";
  append_timing(out, "model", summary.model_ms);
  append_steps(out, times);
  out += "}}\n";
  return out;
}

}  // namespace curlew
