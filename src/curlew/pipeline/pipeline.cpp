// The way of one item, from the top of this file to its end:
//
//   dispatch()   takes a permit, claims an item, starts its fetch
//   fetched()    on the fetcher's thread: the bytes queue up for a core, batches taking turns
//   work()       each worker: decodes into its lane's tensor, runs the network
//   deliver()    hands the result to the sink; with it the permit goes back
//
// Only dispatch() waits for room. Each queue behind it holds at most as many jobs as there are permits, so that no push
// ever blocks.
#include "curlew/pipeline/pipeline.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "curlew/base/bounded_queue.hpp"
#include "curlew/base/fair_queue.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/permits.hpp"
#include "curlew/base/thread.hpp"
#include "curlew/pipeline/flight_window.hpp"
#include "curlew/pipeline/origin.hpp"
#include "curlew/pipeline/origin_room.hpp"
#include "curlew/pipeline/process.hpp"

namespace curlew {
namespace {

/// An item in flight, with its permit.
struct Job {
  Item item;
  Permit permit;
  FetchOutcome fetch = {.body = nullptr, .started_at = {}, .ended_at = {}};
};

/// A result on its way to the sink; the permit is the item's.
struct Delivery {
  ItemResult result;
  Permit permit;
};

Error cancelled() { return make_error(ErrorCode::kCancelled, "cancelled before it was done"); }

}  // namespace

class Pipeline::Flow {
 public:
  Flow(const PipelineParts& parts, const PipelineLimits& limits)
      : parts_(parts),
        limits_(limits),
        permits_(limits.items_in_flight),
        window_(limits.least_in_flight == 0 ? limits.items_in_flight
                                            : std::min(limits.least_in_flight, limits.items_in_flight),
                limits.items_in_flight),
        origins_(limits.transfers_per_origin),
        results_(limits.items_in_flight) {
    permits_.limit_to(window_.size());
  }

  void start() {
    parts_.source.set_on_change([this] { note_change(); });
    result_ = start_thread("result", [this](const std::stop_token&) { deliver(); });
    for (int i = 0; i < limits_.workers * limits_.threads_per_worker; ++i) {
      workers_.push_back(start_thread("worker-" + std::to_string(i), [this](const std::stop_token&) { work(); }));
    }
    dispatcher_ = start_thread("dispatch", [this](const std::stop_token& stop) { dispatch(stop); });
  }

  void cancel() {
    cancelled_ = true;
    dispatcher_.request_stop();
    parts_.fetcher.cancel_all();
  }

  PipelineCounts counts() const {
    PipelineCounts counts{.fetching = 0, .waiting = waiting_.size(), .working = working_};
    const std::scoped_lock lock(mutex_);
    counts.fetching = transfers_;
    return counts;
  }

  /// In the order of the flow: what a step gives to the next is there before the next one is told that all is there.
  void drain() {
    if (dispatcher_.joinable()) dispatcher_.join();
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return transfers_ == 0; });
    }
    waiting_.close();
    for (auto& worker : workers_) {
      if (worker.joinable()) worker.join();
    }
    results_.close();
    if (result_.joinable()) result_.join();
    parts_.source.set_on_change({});
  }

 private:
  void dispatch(const std::stop_token& stop) {
    while (auto permit = permits_.acquire(stop)) {
      auto item = next_item(stop);
      if (!item) return;
      begin(std::make_shared<Job>(Job{.item = std::move(*item), .permit = std::move(*permit)}));
    }
  }

  /// Waits for an item whose origin has room; nothing when the source is exhausted or `stop` is asked for.
  std::optional<Item> next_item(const std::stop_token& stop) {
    for (;;) {
      const auto seen = changes();
      auto item = parts_.source.claim([this](const std::string& origin) { return origins_.has_room(origin); });
      if (item) return item;
      if (parts_.source.is_exhausted()) return std::nullopt;
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return changes_ != seen; })) return std::nullopt;
    }
  }

  void begin(const std::shared_ptr<Job>& job) {
    if (const auto* error = std::get_if<Error>(&job->item.source)) {
      finish(failed_result(job->item, *error, now()), std::move(job->permit));
      return;
    }
    if (auto* upload = std::get_if<Upload>(&job->item.source)) {
      const TimePoint at = now();
      job->fetch = {.body = std::make_shared<const FetchedBytes>(std::move(*upload->bytes), ByteReservation()),
                    .started_at = at,
                    .ended_at = at};
      const std::string batch = job->item.batch;
      waiting_.push(batch, std::move(*job));
      return;
    }
    {
      const std::scoped_lock lock(mutex_);
      ++transfers_;
    }
    origins_.enter(origin_of(job->item));
    parts_.fetcher.start(job->item.source, [this, job](FetchOutcome outcome) {
      job->fetch = std::move(outcome);
      fetched(*job);
    });
    // A cancel() that came between the claim and the start has passed this transfer by.
    if (cancelled_) parts_.fetcher.cancel_all();
  }

  void fetched(Job& job) {
    origins_.leave(origin_of(job.item));
    if (job.fetch.body) {
      const std::string batch = job.item.batch;
      waiting_.push(batch, std::move(job));
      resize_window([&] { window_.fetched(waiting_.size(), workers_.size()); });
    } else {
      auto error = std::move(job.fetch.body.error());
      finish(failed_fetch(job.item, job.fetch, std::move(error), now()), std::move(job.permit));
    }
    const std::scoped_lock lock(mutex_);
    --transfers_;
    ++changes_;
    changed_.notify_all();
  }

  void work() {
    if (limits_.workers_give_way) give_way();
    const auto decoder = parts_.make_decoder();
    std::map<std::string, std::unique_ptr<Lane>> lanes;  // by model
    for (;;) {
      if (waiting_.size() == 0) resize_window([&] { window_.starved(permits_.in_use()); });
      auto job = waiting_.pop();
      if (!job) return;
      ++working_;
      finish(outcome_of(*job, *decoder, lanes), std::move(job->permit));
      --working_;
    }
  }

  template <class Change>
  void resize_window(const Change& change) {
    if (limits_.least_in_flight == 0) return;
    const std::scoped_lock lock(window_mutex_);
    change();
    permits_.limit_to(window_.size());
  }

  ItemResult outcome_of(const Job& job, Decoder& decoder, std::map<std::string, std::unique_ptr<Lane>>& lanes) {
    if (cancelled_) return failed_fetch(job.item, job.fetch, cancelled(), now());
    auto& lane = lanes[job.item.model];
    if (!lane) {
      auto opened = parts_.lanes.open_lane(job.item.model);
      if (!opened && !cancelled_) {
        log_error("model {}: {}", job.item.model, opened.error().message);
        auto error = make_error(ErrorCode::kInferenceFailed, "the model is not available; the log says why");
        return failed_fetch(job.item, job.fetch, std::move(error), now());
      }
      if (opened) lane = std::move(*opened);
    }
    // The model may have taken long to load.
    if (cancelled_) return failed_fetch(job.item, job.fetch, cancelled(), now());
    return process(job.item, job.fetch, decoder, *lane, parts_.beside);
  }

  void finish(ItemResult result, Permit permit) {
    results_.push(Delivery{.result = std::move(result), .permit = std::move(permit)});
  }

  void deliver() {
    while (auto delivery = results_.pop()) parts_.sink.deliver(delivery->result);
  }

  std::uint64_t changes() {
    const std::scoped_lock lock(mutex_);
    return changes_;
  }

  void note_change() {
    const std::scoped_lock lock(mutex_);
    ++changes_;
    changed_.notify_all();
  }

  PipelineParts parts_;
  const PipelineLimits limits_;
  Permits permits_;
  std::mutex window_mutex_;
  FlightWindow window_;  // guarded by window_mutex_
  OriginRoom origins_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<std::size_t> working_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t changes_ = 0;  ///< how often the source or the room of an origin has changed
  std::size_t transfers_ = 0;  ///< fetches started and not yet handed on

  FairQueue<std::string, Job> waiting_;  ///< fetched, waiting for a core
  BoundedQueue<Delivery> results_;

  std::jthread result_;
  std::vector<std::jthread> workers_;
  std::jthread dispatcher_;
};

Pipeline::Pipeline(const PipelineParts& parts, const PipelineLimits& limits)
    : flow_(std::make_unique<Flow>(parts, limits)) {}

Pipeline::~Pipeline() {
  flow_->cancel();
  flow_->drain();
}

void Pipeline::start() { flow_->start(); }
void Pipeline::cancel() { flow_->cancel(); }
void Pipeline::wait() { flow_->drain(); }
PipelineCounts Pipeline::counts() const { return flow_->counts(); }

}  // namespace curlew
