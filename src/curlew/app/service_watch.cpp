#include "curlew/app/service_watch.hpp"

#include <optional>
#include <variant>

#include "curlew/base/log.hpp"
#include "curlew/config/config.hpp"

namespace curlew {
namespace {

constexpr double kMsPerSecond = 1000;
constexpr int kAccepted = 202;
constexpr int kTooManyRequests = 429;
constexpr int kUnavailable = 503;

StageSeconds seconds_of(const Timings& timings) {
  return {.queue = timings.queue_ms / kMsPerSecond,
          .fetch = timings.fetch_ms / kMsPerSecond,
          .decode = timings.decode_ms / kMsPerSecond,
          .infer = timings.infer_ms / kMsPerSecond};
}

std::string_view word(Task task) { return task == Task::kClassify ? "classify" : "detect"; }

}  // namespace

ServiceWatch::ServiceWatch() { metrics_.build(version()); }

void ServiceWatch::item(Task task, const ItemResult& result) {
  const auto* error = std::get_if<Error>(&result.outcome);
  metrics_.item_done(word(task), error == nullptr ? std::nullopt : std::optional(error->code),
                     seconds_of(result.timings));
  if (error != nullptr && error->code == ErrorCode::kBlockedByPolicy) metrics_.fetch_blocked("address");
}

void ServiceWatch::batch_taken() { metrics_.batch("queued"); }

void ServiceWatch::batch_turned_away() { metrics_.rejected("unavailable"); }

void ServiceWatch::batch(const BatchStatus& status) {
  metrics_.batch(status.phase == BatchStatus::Phase::kCancelled ? "cancelled" : "done");
}

void ServiceWatch::model(Task task, const ModelFacts& facts) {
  metrics_.model_in_use(word(task), facts.name, facts.sha256);
}

void ServiceWatch::read_store(const JobStore& kept, const JobStore& direct) {
  metrics_.read_queue_depth(
      [&kept, &direct] { return static_cast<double>(kept.counts().waiting_items + direct.counts().waiting_items); });
}

void ServiceWatch::read_pipeline(const Pipeline& pipeline) {
  metrics_.read_in_flight(Stage::kFetch, [&] { return static_cast<double>(pipeline.counts().fetching); });
  metrics_.read_in_flight(Stage::kQueue, [&] { return static_cast<double>(pipeline.counts().waiting); });
  metrics_.read_in_flight(Stage::kDecode, [&] { return static_cast<double>(pipeline.counts().working); });
}

void ServiceWatch::read_repeats(const Fetcher& fetcher, const AnswerCache& answers) {
  metrics_.read_repeats({.joined_fetches = [&] { return static_cast<double>(fetcher.joined()); },
                         .known_answers = [&] { return static_cast<double>(answers.counts().hits); },
                         .new_answers = [&] { return static_cast<double>(answers.counts().misses); },
                         .cache_bytes = [&] { return static_cast<double>(answers.counts().bytes); }});
}

void ServiceWatch::connection_refused() { metrics_.rejected("connections"); }

void ServiceWatch::request_done(const HttpExchange& exchange) {
  metrics_.http_request(exchange.route, exchange.status);
  if (exchange.route == "create_batch" && exchange.status == kAccepted) batch_taken();
  if (exchange.status == kTooManyRequests) metrics_.rejected("too_many_requests");
  if (exchange.status == kUnavailable) metrics_.rejected("unavailable");
  if (log_enabled(LogLevel::kInfo)) log_info("{}", access_log_line(exchange));
}

}  // namespace curlew
