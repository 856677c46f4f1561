#include <algorithm>
#include <cmath>
#include <variant>

#include "curlew/core/picture.hpp"
#include "curlew/wire/error_text.hpp"
#include "curlew/wire/packer.hpp"
#include "curlew/wire/result_map.hpp"

namespace curlew {
namespace {

/// Clients read numbers: what is not finite, which no step should let pass, is 0 here.
double finite(double value) { return std::isfinite(value) ? value : 0.0; }

/// Toward zero; the limit is far beyond any picture.
std::int64_t whole_pixels(float value) {
  constexpr double kMost = 1e9;
  return static_cast<std::int64_t>(std::clamp(finite(static_cast<double>(value)), -kMost, kMost));
}

void pack_box(Packer& out, const Box& box) {
  out.array(4);
  for (const float edge : {box.x1, box.y1, box.x2, box.y2}) out.integer(whole_pixels(edge));
}

/// What clients of the Python service know of a success.
void pack_predictions(MapPacker& out, const Answer& answer) {
  const auto& predictions = answer.predictions;
  const bool is_detection = std::ranges::any_of(predictions, [](const Prediction& p) { return p.box.has_value(); });
  Packer& boxes = out["boxes"];
  boxes.array(is_detection ? predictions.size() : 0);
  if (is_detection) {
    for (const Prediction& prediction : predictions) pack_box(boxes, prediction.box.value_or(Box{}));
  }
  Packer& labels = out["labels"];
  labels.array(predictions.size());
  for (const Prediction& prediction : predictions) labels.text(prediction.label);
  Packer& scores = out["scores"];
  scores.array(predictions.size());
  for (const Prediction& prediction : predictions) scores.real(finite(static_cast<double>(prediction.score)));
}

void pack_additions(MapPacker& out, const Success& success) {
  Packer& classes = out["classes"];
  classes.array(success.answer.predictions.size());
  for (const Prediction& prediction : success.answer.predictions) classes.integer(prediction.index);
  MapPacker model;
  model["name"].text(success.model.name);
  model["sha256"].text(success.model.sha256);
  out["model"].raw(model.take());
  MapPacker image;
  image["width"].integer(success.image.width_px);
  image["height"].integer(success.image.height_px);
  image["format"].text(to_string(success.image.format));
  image["bytes"].integer(success.image.bytes);
  image["sha256"].text(success.image.sha256);
  out["image"].raw(image.take());
  if (const auto background = success.answer.background_score) {
    out["background_score"].real(finite(static_cast<double>(*background)));
  }
}

void pack_additions(MapPacker& out, const Error& error) {
  out["code"].text(error_info(error.code).wire_name);
  out["retryable"].boolean(error.retryable);
  if (error.http_status != 0) out["http_status"].integer(error.http_status);
}

void pack_timings(Packer& out, const Timings& timings) {
  MapPacker times;
  times["queue"].real(finite(timings.queue_ms));
  times["fetch"].real(finite(timings.fetch_ms));
  times["decode"].real(finite(timings.decode_ms));
  times["infer"].real(finite(timings.infer_ms));
  times["total"].real(finite(timings.total_ms));
  out.raw(times.take());
}

}  // namespace

std::string pack_result(const ItemResult& result, std::uint32_t sequence, std::uint32_t total) {
  MapPacker out;
  out["url"].text(result.url);
  if (const auto* success = std::get_if<Success>(&result.outcome)) {
    pack_predictions(out, success->answer);
  } else {
    out["error"].text(error_text(std::get<Error>(result.outcome)));
  }
  if (!result.batch.empty()) out["batch_id"].text(result.batch);
  out["index"].integer(result.index);
  out["seq"].integer(sequence);
  out["total"].integer(total);
  std::visit([&](const auto& outcome) { pack_additions(out, outcome); }, result.outcome);
  pack_timings(out["timings_ms"], result.timings);
  return out.take();
}

}  // namespace curlew
