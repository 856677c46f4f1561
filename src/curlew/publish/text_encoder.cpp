#include "curlew/publish/text_encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "curlew/publish/paint.hpp"
#include "curlew/publish/printable.hpp"

namespace curlew {
namespace {

/// Percent to one decimal; a probability shown so is told apart from its neighbours, and columns line up.
std::string percent(float score) { return fmt::format("{:.1f} %", score * 100.0F); }

/// What stands behind the answer; nothing where a service does not tell its times.
std::string timings_text(const Timings& timings, Colour colour) {
  if (timings.fetch_ms + timings.decode_ms + timings.infer_ms <= 0) return "";
  return "  " + paint(Paint::kDim,
                      fmt::format("(fetch {:.1f}, decode {:.1f}, infer {:.1f} ms)", timings.fetch_ms, timings.decode_ms,
                                  timings.infer_ms),
                      colour);
}

std::string named(const Prediction& prediction) {
  return fmt::format("{} {}", printable(prediction.label), percent(prediction.score));
}

/// Toward zero, as the service for ZeroMQ's clients has them.
std::string box_text(const Box& box) {
  return fmt::format("{:.0f},{:.0f} – {:.0f},{:.0f}", std::floor(box.x1), std::floor(box.y1), std::floor(box.x2),
                     std::floor(box.y2));
}

std::string objects_text(const std::vector<Prediction>& objects, const std::string& times, Colour colour) {
  std::string text;
  for (const Prediction& object : objects) {
    text +=
        fmt::format("{:>9}  {}  {}{}\n", percent(object.score), paint(Paint::kGreen, printable(object.label), colour),
                    box_text(*object.box), text.empty() ? times : "");
  }
  return text;
}

std::string answer_text(const Answer& answer, const Timings& timings, Colour colour) {
  const std::string times = timings_text(timings, colour);
  const bool objects = !answer.predictions.empty() &&
                       std::ranges::all_of(answer.predictions, [](const auto& one) { return one.box.has_value(); });
  if (objects) return objects_text(answer.predictions, times, colour);
  std::size_t first_other = 0;
  std::string text;
  if (const auto background = answer.background_score) {
    text = fmt::format("{:>9}  {}{}\n", percent(*background),
                       paint(Paint::kYellow, "background: none of the labels", colour), times);
  } else if (!answer.predictions.empty()) {
    const Prediction& best = answer.predictions.front();
    text =
        fmt::format("{:>9}  {}{}\n", percent(best.score), paint(Paint::kGreen, printable(best.label), colour), times);
    first_other = 1;
  } else {
    return fmt::format("{:>9}  nothing found{}\n", "", times);
  }
  std::vector<std::string> others;
  for (std::size_t i = first_other; i < answer.predictions.size(); ++i) others.push_back(named(answer.predictions[i]));
  if (!others.empty()) text += fmt::format("{:>9}  or {}\n", "", fmt::join(others, ", "));
  return text;
}

std::string error_text(const Error& error, Colour colour) {
  const std::string code = fmt::format("✗ {}:", error_info(error.code).wire_name);
  return fmt::format("   {} {}\n", paint(Paint::kRed, code, colour), printable(error.message));
}

}  // namespace

std::string encode_text(const ItemResult& result, Colour colour) {
  std::string text = printable(result.url) + '\n';
  if (const auto* success = std::get_if<Success>(&result.outcome)) {
    return text + answer_text(success->answer, result.timings, colour);
  }
  return text + error_text(std::get<Error>(result.outcome), colour);
}

}  // namespace curlew
