// The real pipeline between memory stores and the backend, with fakes for the network and the model.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <random>
#include <set>

#include "curlew/pipeline/turn_source.hpp"
#include "curlew/service/backend.hpp"
#include "curlew/service/result_feed.hpp"
#include "curlew/store/memory_store.hpp"
#include "flow/fakes.hpp"

namespace curlew {
namespace {

/// What clients of one batch hear; they wait for its end, or for some of its results.
class Listener {
 public:
  Listener(JobStore& store, BatchNews& news, const std::string& batch)
      : feed_(ResultFeed::make(store, news, batch, 0,
                               {.result =
                                    [this](const KeptResult& kept) {
                                      const std::scoped_lock lock(mutex_);
                                      results_.push_back(kept.result);
                                      changed_.notify_all();
                                      return true;
                                    },
                                .ended =
                                    [this](const BatchStatus& status) {
                                      const std::scoped_lock lock(mutex_);
                                      end_ = status;
                                      changed_.notify_all();
                                    },
                                .failed = [](const StoreError& error) { ADD_FAILURE() << error.message; }})) {
    feed_->start();
  }
  ~Listener() { feed_->stop(); }

  BatchStatus end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return end_.has_value(); });
    return *end_;
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return results_.size() >= count; });
  }
  /// How often each index came, by index.
  std::multiset<std::uint32_t> indices() const {
    const std::scoped_lock lock(mutex_);
    std::multiset<std::uint32_t> all;
    for (const ItemResult& result : results_) all.insert(result.index);
    return all;
  }
  std::size_t count(const std::string& code) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count(results_, code, fakes::code_of));
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ItemResult> results_;
  std::optional<BatchStatus> end_;
  std::shared_ptr<ResultFeed> feed_;
};

NewBatch batch_of(const std::vector<std::string>& texts) {
  NewBatch batch;
  batch.options.model = "fake";
  for (const std::string& text : texts) batch.items.push_back({.text = text, .problem = {}});
  return batch;
}

std::vector<std::string> many(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back("http://o" + std::to_string(i % 50) + ".example/x");
  return texts;
}

class ServiceFlow : public testing::Test {
 protected:
  explicit ServiceFlow(const PipelineLimits& limits = {.items_in_flight = 16, .transfers_per_origin = 6, .workers = 2})
      : pipeline_({.source = source_,
                   .fetcher = fetcher_,
                   .make_decoder = [] { return std::make_unique<fakes::FakeDecoder>(); },
                   .lanes = lanes_,
                   .sink = backend_},
                  limits) {}

  std::string keep(const std::vector<std::string>& texts) { return kept_->create(batch_of(texts)).value().status.id; }
  std::string ask(const std::vector<std::string>& texts) { return direct_->create(batch_of(texts)).value().status.id; }
  void close_sources() {
    backend_.kept_source().close();
    backend_.direct_source().close();
  }

  std::atomic<std::size_t> seen_ = 0;
  std::atomic<std::size_t> begun_ = 0;  ///< of these, those that were not cancelled
  std::function<void(const ItemResult&)> on_result_ = [](const ItemResult&) {};  ///< on the store's thread
  const std::unique_ptr<JobStore> kept_ = make_memory_store(StoreLimits{});
  const std::unique_ptr<JobStore> direct_ = make_memory_store(StoreLimits{});
  Backend backend_{*kept_, *direct_, {.item = [this](Task, const ItemResult& result) {
                     ++seen_;
                     const auto* error = std::get_if<Error>(&result.outcome);
                     if (error == nullptr || error->code != ErrorCode::kCancelled) ++begun_;
                     on_result_(result);
                   }}};
  TurnSource source_{{&backend_.direct_source(), &backend_.kept_source()}};
  fakes::FakeFetcher fetcher_;
  fakes::FakeLanes lanes_;
  Pipeline pipeline_;
};

TEST_F(ServiceFlow, ARequestThatIsAnsweredAtOnceDoesNotWaitForAKeptBatchOfAThousand) {
  std::vector<bool> is_direct;
  on_result_ = [&](const ItemResult& result) { is_direct.push_back(result.batch.starts_with("direct/")); };
  const auto large = keep(many(1000));
  lanes_.hold();
  pipeline_.start();
  lanes_.wait_for_runs(2);
  const auto small = ask({"http://small.example/x"});
  Listener answer(*direct_, backend_.direct_news(), small);
  lanes_.release();
  EXPECT_EQ(answer.end().done, 1U);
  EXPECT_EQ(answer.count("ok"), 1U);
  close_sources();
  pipeline_.wait();
  const auto before = std::ranges::find(is_direct, true) - is_direct.begin();
  // The 16 that were in flight, and as many as two workers do while its own fetch gets a processor.
  EXPECT_LE(before, 100) << "of a thousand";
}

TEST_F(ServiceFlow, EachItemOfEachBatchGetsExactlyOneResultWhateverFails) {
  std::mt19937 random(20261122);
  static const std::vector<std::string> kPaths = {"/ok", "/damaged", "/throws", "/error/timeout", "/error/dns_failed"};
  testing::internal::CaptureStderr();
  pipeline_.start();
  std::vector<std::unique_ptr<Listener>> listeners;
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 20; ++i) {
    std::vector<std::string> texts;
    const std::size_t size = std::uniform_int_distribution<std::size_t>(1, 60)(random);
    for (std::size_t j = 0; j < size; ++j) {
      const auto& path = kPaths[std::uniform_int_distribution<std::size_t>(0, kPaths.size() - 1)(random)];
      texts.push_back(random() % 10 == 0 ? "no url" : "http://o" + std::to_string(random() % 5) + ".example" + path);
    }
    const bool kept = i % 2 == 0;
    const auto batch = kept ? keep(texts) : ask(texts);
    listeners.push_back(kept ? std::make_unique<Listener>(*kept_, backend_.kept_news(), batch)
                             : std::make_unique<Listener>(*direct_, backend_.direct_news(), batch));
    sizes.push_back(size);
  }
  std::size_t all = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_EQ(listeners[i]->end().done, sizes[i]);
    const auto indices = listeners[i]->indices();
    EXPECT_EQ(indices.size(), sizes[i]);
    for (std::uint32_t index = 0; index < sizes[i]; ++index) EXPECT_EQ(indices.count(index), 1U) << i << ' ' << index;
    all += sizes[i];
  }
  close_sources();
  pipeline_.wait();
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(seen_, all);
}

TEST_F(ServiceFlow, ABatchThatIsCancelledInTheMiddleEndsWithAResultForEach) {
  const auto batch = keep(many(1000));
  on_result_ = [&](const ItemResult&) {
    if (seen_ == 100) {
      EXPECT_TRUE(kept_->cancel(batch));
    }
  };
  Listener listener(*kept_, backend_.kept_news(), batch);
  pipeline_.start();
  const BatchStatus end = listener.end();
  EXPECT_EQ(end.phase, BatchStatus::Phase::kCancelled);
  EXPECT_EQ(end.done, 1000U);
  const auto indices = listener.indices();
  EXPECT_EQ(indices.size(), 1000U);
  EXPECT_EQ(std::set<std::uint32_t>(indices.begin(), indices.end()).size(), 1000U);
  EXPECT_EQ(listener.count("cancelled"), end.cancelled);
  EXPECT_GE(listener.count("ok"), 100U);
  EXPECT_LE(listener.count("ok"), 100U + 16U) << "what was in flight brings its own result";
  EXPECT_EQ(listener.count("ok") + listener.count("cancelled"), 1000U);
  close_sources();
  pipeline_.wait();
}

TEST_F(ServiceFlow, ARequestThatIsGivenUpFreesItsPlaceForOthers) {
  lanes_.hold();
  const auto given_up = ask(many(500));
  pipeline_.start();
  lanes_.wait_for_runs(2);
  backend_.abandon(given_up);
  const auto next = ask({"http://next.example/x"});
  Listener answer(*direct_, backend_.direct_news(), next);
  lanes_.release();
  answer.end();
  close_sources();
  pipeline_.wait();
  EXPECT_LE(begun_, 16U + 1U) << "what was in flight, and the next";
}

TEST_F(ServiceFlow, UploadsAreNamedAndFreed) {
  pipeline_.start();
  std::vector<UploadedPicture> pictures(30);
  for (auto& picture : pictures) picture.bytes.resize(7);
  const auto batch = backend_.create_uploads(std::move(pictures), {.model = "fake"}).value().status.id;
  Listener answer(*direct_, backend_.direct_news(), batch);
  answer.end();
  EXPECT_EQ(answer.count("ok"), 30U);
  EXPECT_EQ(backend_.open_uploads(), 0U);
  EXPECT_EQ(fetcher_.started(), 0U);
  close_sources();
  pipeline_.wait();
}

TEST_F(ServiceFlow, ClosingTheSourcesEndsWhatHasBegunAndLeavesTheRestForTheNextStart) {
  const auto batch = keep(many(1000));
  fetcher_.hold();
  pipeline_.start();
  fetcher_.wait_for_started(16);
  close_sources();
  fetcher_.release();
  pipeline_.wait();
  EXPECT_EQ(kept_->status(batch)->done, 16U);
  EXPECT_EQ(kept_->counts().waiting_items, 984U);
  EXPECT_EQ(kept_->counts().claimed_items, 0U);
}

TEST_F(ServiceFlow, TheEndOfTheProcessGivesBackWhatIsKeptAndAnswersTheRest) {
  const auto kept = keep(many(40));
  const auto direct = ask(many(40));
  fetcher_.hold();
  pipeline_.start();
  fetcher_.wait_for_started(16);
  pipeline_.cancel();
  pipeline_.wait();
  EXPECT_EQ(kept_->status(kept)->done, 0U);
  EXPECT_EQ(kept_->counts().claimed_items, 0U);
  EXPECT_EQ(kept_->counts().waiting_items, 40U);
  EXPECT_EQ(direct_->counts().claimed_items, 0U);
  EXPECT_EQ(direct_->status(direct)->done, 8U) << "half of what was in flight: they took turns";
}

TEST_F(ServiceFlow, DrainingWaitsForThoseWhoAreAnsweredAtOnceOnly) {
  keep(many(1000));
  const auto direct = ask(many(20));
  Listener answer(*direct_, backend_.direct_news(), direct);
  lanes_.hold();
  pipeline_.start();
  lanes_.wait_for_runs(2);
  backend_.kept_source().close();
  auto drained = std::async(std::launch::async, [&] {
    backend_.wait_until_direct_is_done(now() + std::chrono::hours(1));
    backend_.direct_source().close();
    pipeline_.wait();
  });
  lanes_.release();
  drained.wait();
  EXPECT_EQ(answer.indices().size(), 20U) << "heard before the wait was over";
  EXPECT_EQ(kept_->counts().claimed_items, 0U);
  EXPECT_GT(kept_->counts().waiting_items, 900U);
}

}  // namespace
}  // namespace curlew
