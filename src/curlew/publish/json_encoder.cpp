#include "curlew/publish/json_encoder.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>

#include "curlew/base/base64.hpp"
#include "curlew/core/picture.hpp"

namespace curlew {
namespace {

using Json = nlohmann::ordered_json;

/// Clients read numbers: what is not finite, which no step should let pass, is 0 here.
double finite(double value) { return std::isfinite(value) ? value : 0.0; }

double with_decimals(double value, double steps) { return std::round(finite(value) * steps) / steps; }

/// Five significant digits: a byte's 256 levels stay apart, and a float's noise is gone.
double score(float value) {
  return std::strtod(fmt::format("{:.5g}", finite(static_cast<double>(value))).c_str(), nullptr);
}

double timing(double ms) { return with_decimals(ms, 10); }

double pixels(float value) { return with_decimals(static_cast<double>(value), 100); }

Json to_json(const Prediction& prediction) {
  Json json = Json::object();
  if (prediction.index >= 0) json["index"] = prediction.index;
  json["label"] = prediction.label;
  json["score"] = score(prediction.score);
  if (const auto& box = prediction.box) {
    json["box"] = Json::array({pixels(box->x1), pixels(box->y1), pixels(box->x2), pixels(box->y2)});
  }
  return json;
}

std::string data_url(const std::string& jpeg) {
  return "data:image/jpeg;base64," + encode_base64(std::as_bytes(std::span(jpeg)));
}

void add_outcome(Json& json, const Success& success) {
  const bool model_known = !success.model.name.empty() || !success.model.sha256.empty();
  if (model_known) json["model"] = {{"name", success.model.name}, {"sha256", success.model.sha256}};
  if (success.image.width_px > 0) {
    json["image"] = {{"width", success.image.width_px},
                     {"height", success.image.height_px},
                     {"format", to_string(success.image.format)},
                     {"bytes", success.image.bytes},
                     {"sha256", success.image.sha256}};
    if (!success.image.thumbnail.empty()) json["image"]["thumbnail"] = data_url(success.image.thumbnail);
  }
  json["predictions"] = Json::array();
  for (const Prediction& prediction : success.answer.predictions) json["predictions"].push_back(to_json(prediction));
  if (const auto background = success.answer.background_score) {
    json["background"] = true;
    json["background_score"] = score(*background);
  }
}

void add_outcome(Json& json, const Error& error) {
  Json& out = json["error"];
  out = {{"code", error_info(error.code).wire_name}, {"message", error.message}};
  if (error.http_status != 0) out["http_status"] = error.http_status;
  out["retryable"] = error.retryable;
}

Json to_json(const Timings& timings) {
  return {{"queue", timing(timings.queue_ms)},
          {"fetch", timing(timings.fetch_ms)},
          {"decode", timing(timings.decode_ms)},
          {"infer", timing(timings.infer_ms)},
          {"total", timing(timings.total_ms)}};
}

/// JSON lets DEL and the C1 controls pass, and a terminal may obey them.
std::string without_controls(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto byte = static_cast<unsigned char>(json[i]);
    const auto next = static_cast<unsigned char>(i + 1 < json.size() ? json[i + 1] : 0);
    if (byte == 0x7f) {
      out += "\\u007f";
    } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
      fmt::format_to(std::back_inserter(out), "\\u00{:02x}", next);
      ++i;
    } else {
      out += json[i];
    }
  }
  return out;
}

std::string dump(const Json& json) {
  return without_controls(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

std::string encode_json(const ItemResult& result) {
  Json json = {{"index", result.index}, {"url", result.url}, {"status", result.ok() ? "ok" : "error"}};
  std::visit([&](const auto& outcome) { add_outcome(json, outcome); }, result.outcome);
  json["timings_ms"] = to_json(result.timings);
  return dump(json);
}

std::string encode_ndjson(const ItemResult& result) { return encode_json(result) + '\n'; }

std::string encode_json_run(std::span<const ItemResult> results, const RunSummary& summary) {
  std::string out = R"({"results": [)";
  for (std::size_t i = 0; i < results.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    out += encode_json(results[i]);
  }
  Timings times = summary.sums;
  times.total_ms = summary.total_ms;
  Json timings = {{"model", timing(summary.model_ms)}};
  timings.update(to_json(times));
  return out + (results.empty() ? "" : "\n") + R"(], "timings_ms": )" + dump(timings) + "}\n";
}

}  // namespace curlew
