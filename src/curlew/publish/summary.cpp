#include "curlew/publish/summary.hpp"

#include <fmt/format.h>

#include <numeric>
#include <vector>

namespace curlew {
namespace {

/// A duration as a person says it.
std::string said(double ms) {
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  if (ms < 60'000) return fmt::format("{:.2f} s", ms / 1000);
  const auto seconds = static_cast<long long>(ms / 1000);
  return fmt::format("{} min {} s", seconds / 60, seconds % 60);
}

std::string reasons(const RunSummary& summary) {
  std::vector<std::string> parts;
  for (const ErrorInfo& info : error_table()) {
    const std::size_t count = summary.by_code[static_cast<std::size_t>(info.code)];
    if (count > 0 && info.code != ErrorCode::kCancelled) parts.push_back(fmt::format("{} {}", info.wire_name, count));
  }
  return fmt::format("({})", fmt::join(parts, ", "));
}

std::string counts_line(const RunSummary& summary, Colour colour) {
  std::string line =
      fmt::format("{} {}: {} ok", summary.total, summary.total == 1 ? "picture" : "pictures", summary.ok);
  if (summary.failed() > 0) {
    line += ", " + paint(Paint::kRed, fmt::format("{} failed", summary.failed()), colour) + " " + reasons(summary);
  } else {
    line += ", 0 failed";
  }
  if (summary.not_done() > 0) {
    line += ", " + paint(Paint::kYellow, fmt::format("{} not done", summary.not_done()), colour);
  }
  return line + '\n';
}

std::string model_part(const RunSummary& summary) {
  std::string part = fmt::format(": model {}", said(summary.model_ms));
  if (summary.model_download_ms > 0) part += fmt::format(" ({} of it download)", said(summary.model_download_ms));
  // What the pictures alone could have taken: they may be fetched while the model loads.
  const double pictures_ms = summary.total_ms - summary.model_ms;
  return part + fmt::format(", pictures after it {}", said(pictures_ms > 0 ? pictures_ms : 0));
}

std::string total_line(const RunSummary& summary) {
  std::string line = fmt::format("{} in all", said(summary.total_ms));
  if (summary.model_ms > 0) line += model_part(summary);
  const auto answered = static_cast<double>(summary.ok + summary.failed());
  if (summary.total_ms > 0 && answered > 0) {
    line += fmt::format(" · {:.1f} pictures/s", answered * 1000 / summary.total_ms);
  }
  return line + '\n';
}

std::string steps_line(const Timings& sums) {
  return fmt::format("summed over the pictures, which overlap: fetch {}, decode {}, infer {}\n", said(sums.fetch_ms),
                     said(sums.decode_ms), said(sums.infer_ms));
}

}  // namespace

void RunSummary::add(const ItemResult& result) {
  if (const auto* error = std::get_if<Error>(&result.outcome)) {
    ++by_code[static_cast<std::size_t>(error->code)];
  } else {
    ++ok;
  }
  sums.queue_ms += result.timings.queue_ms;
  sums.fetch_ms += result.timings.fetch_ms;
  sums.decode_ms += result.timings.decode_ms;
  sums.infer_ms += result.timings.infer_ms;
  sums.total_ms += result.timings.total_ms;
}

std::size_t RunSummary::failed() const {
  const std::size_t errors = std::accumulate(by_code.begin(), by_code.end(), std::size_t{0});
  return errors - by_code[static_cast<std::size_t>(ErrorCode::kCancelled)];
}

std::size_t RunSummary::not_done() const {
  const std::size_t answered = ok + failed();
  return total > answered ? total - answered : 0;
}

std::string summary_text(const RunSummary& summary, Colour colour) {
  std::string text = counts_line(summary, colour) + total_line(summary);
  const Timings& sums = summary.sums;
  if (sums.fetch_ms + sums.decode_ms + sums.infer_ms > 0) text += steps_line(sums);
  return text;
}

}  // namespace curlew
