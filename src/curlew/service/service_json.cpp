#include "curlew/service/service_json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "curlew/publish/json_encoder.hpp"

namespace curlew {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string_view word(ModelFacts::State state) {
  switch (state) {
    case ModelFacts::State::kIdle:
      return "idle";
    case ModelFacts::State::kLoading:
      return "loading";
    case ModelFacts::State::kReady:
      return "ready";
    case ModelFacts::State::kUnavailable:
      break;
  }
  return "unavailable";
}

std::string_view word(Task task) { return task == Task::kClassify ? "classify" : "detect"; }

double ms(double value) { return std::round(value * 10) / 10; }

Json summary_of(const RunSummary& summary) {
  return {{"total", summary.total},
          {"ok", summary.ok},
          {"failed", summary.failed()},
          {"cancelled", summary.not_done()},
          {"timings_ms",
           {{"queue", ms(summary.sums.queue_ms)},
            {"fetch", ms(summary.sums.fetch_ms)},
            {"decode", ms(summary.sums.decode_ms)},
            {"infer", ms(summary.sums.infer_ms)},
            {"total", ms(summary.total_ms)}}}};
}

}  // namespace

std::string_view phase_word(BatchStatus::Phase phase) {
  switch (phase) {
    case BatchStatus::Phase::kQueued:
      return "queued";
    case BatchStatus::Phase::kRunning:
      return "running";
    case BatchStatus::Phase::kDone:
      return "done";
    case BatchStatus::Phase::kCancelled:
      break;
  }
  return "cancelled";
}

std::string batch_json(const BatchStatus& status) {
  const std::string self = "/v1/batches/" + status.id;
  Json json = {{"id", status.id},
               {"status", phase_word(status.phase)},
               {"task", word(status.options.task)},
               {"model", status.options.model},
               {"total", status.total},
               {"done", status.done},
               {"failed", status.failed},
               {"cancelled", status.cancelled},
               {"created_at", rfc3339(status.created_at)}};
  if (status.ended_at) json["ended_at"] = rfc3339(*status.ended_at);
  json["expires_at"] = rfc3339(status.expires_at);
  json["links"] = {{"self", self}, {"results", self + "/results"}, {"events", self + "/events"}};
  return dump(json);
}

std::string page_json(const ResultPage& page) {
  std::string out = R"({"results": [)";
  for (const KeptResult& kept : page.results) {
    if (out.back() != '[') out += ", ";
    out += encode_json(kept.result);
  }
  const bool more = !page.results.empty() && page.results.back().sequence < page.status.done;
  return out + R"(], "next": )" + (more ? fmt::format("\"{}\"", page.results.back().sequence) : "null") + "}";
}

std::string models_json(std::span<const ModelFacts> models) {
  Json list = Json::array();
  for (const ModelFacts& model : models) {
    Json json = {
        {"name", model.name},       {"task", word(model.task)},    {"title", model.title},
        {"licence", model.licence}, {"source", model.source},      {"labels", model.labels},
        {"sha256", model.sha256},   {"status", word(model.state)}, {"ready", model.state == ModelFacts::State::kReady}};
    list.push_back(std::move(json));
  }
  return dump({{"models", std::move(list)}});
}

std::string summary_json(const RunSummary& summary) { return dump({{"summary", summary_of(summary)}}); }

std::string summary_data(const RunSummary& summary) { return dump(summary_of(summary)); }

std::string event_text(std::string_view event, std::uint32_t id, std::string_view data) {
  return fmt::format("{}event: {}\ndata: {}\n\n", id == 0 ? "" : fmt::format("id: {}\n", id), event, data);
}

}  // namespace curlew
