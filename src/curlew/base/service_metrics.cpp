#include "curlew/base/service_metrics.hpp"

#include <fmt/format.h>

#include <utility>

#include "curlew/base/metric_families.hpp"
#include "curlew/base/process_usage.hpp"

namespace curlew {
namespace {

std::string_view name_of(Stage stage) { return kStageNames[static_cast<std::size_t>(stage)]; }

}  // namespace

ServiceMetrics::ServiceMetrics() : registry_(metric_families()) {
  // All of these are there from the start: a rate knows the first of a kind only where a 0 went before it.
  items_[0].task = "classify";
  items_[1].task = "detect";
  for (TaskItems& of_task : items_) {
    of_task.by_outcome[0] = &registry_.counter(kItemsTotal, {of_task.task, "ok", ""});
    for (const ErrorInfo& row : error_table()) {
      const std::size_t place = static_cast<std::size_t>(row.code) + 1;
      of_task.by_outcome.at(place) = &registry_.counter(kItemsTotal, {of_task.task, "error", row.wire_name});
    }
  }
  for (std::size_t i = 0; i < stages_.size(); ++i) stages_[i] = &registry_.histogram(kStageDuration, {kStageNames[i]});
  registry_.read_at_scrape(kResidentMemory, {}, resident_memory_bytes);
  registry_.read_at_scrape(kCpuSecondsTotal, {}, cpu_seconds);
}

void ServiceMetrics::item_done(std::string_view task, std::optional<ErrorCode> error, const StageSeconds& took) {
  items_of(task, error).add();
  stage_took(Stage::kQueue, took.queue);
  stage_took(Stage::kFetch, took.fetch);
  stage_took(Stage::kDecode, took.decode);
  stage_took(Stage::kInfer, took.infer);
  stage_took(Stage::kPublish, took.publish);
}

Counter& ServiceMetrics::items_of(std::string_view task, std::optional<ErrorCode> error) {
  for (const TaskItems& of_task : items_) {
    if (of_task.task == task) return *of_task.by_outcome.at(error ? static_cast<std::size_t>(*error) + 1 : 0);
  }
  return registry_.counter(kItemsTotal, {task, error ? "error" : "ok", error ? error_info(*error).wire_name : ""});
}

void ServiceMetrics::stage_took(Stage stage, double seconds) {
  if (seconds > 0) stages_[static_cast<std::size_t>(stage)]->observe(seconds);
}

void ServiceMetrics::batch(std::string_view status) { registry_.counter(kBatchesTotal, {status}).add(); }

void ServiceMetrics::rejected(std::string_view reason) { registry_.counter(kRejectedTotal, {reason}).add(); }

void ServiceMetrics::fetch_blocked(std::string_view reason) { registry_.counter(kFetchBlockedTotal, {reason}).add(); }

void ServiceMetrics::http_request(std::string_view route, int status) {
  registry_.counter(kHttpRequestsTotal, {route, status == 0 ? "none" : fmt::to_string(status)}).add();
}

void ServiceMetrics::model_in_use(std::string_view task, std::string_view model, std::string_view sha256) {
  registry_.gauge(kModelInfo, {task, model, sha256}).set(1);
}

void ServiceMetrics::build(std::string_view version) { registry_.gauge(kBuildInfo, {version}).set(1); }

void ServiceMetrics::read_queue_depth(std::function<double()> depth) {
  registry_.read_at_scrape(kQueueDepth, {}, std::move(depth));
}

void ServiceMetrics::read_in_flight(Stage stage, std::function<double()> items) {
  registry_.read_at_scrape(kItemsInFlight, {name_of(stage)}, std::move(items));
}

void ServiceMetrics::read_repeats(Repeats repeats) {
  registry_.read_at_scrape(kFetchesJoinedTotal, {}, std::move(repeats.joined_fetches));
  registry_.read_at_scrape(kAnswerCacheLookupsTotal, {"hit"}, std::move(repeats.known_answers));
  registry_.read_at_scrape(kAnswerCacheLookupsTotal, {"miss"}, std::move(repeats.new_answers));
  registry_.read_at_scrape(kAnswerCacheBytes, {}, std::move(repeats.cache_bytes));
}

Gauge& ServiceMetrics::in_flight(Stage stage) { return registry_.gauge(kItemsInFlight, {name_of(stage)}); }

}  // namespace curlew
