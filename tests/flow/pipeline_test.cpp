#include <gmock/gmock.h>
#include <sys/resource.h>

#include <random>

#include "flow/fakes.hpp"

namespace curlew {
namespace {

using fakes::code_of;
using fakes::Flow;
using fakes::item_of;
using testing::Each;
using testing::Le;

std::vector<ItemResult> run(std::vector<Item> items, const PipelineLimits& limits = {.workers = 2}) {
  Flow flow(std::move(items), limits);
  flow.pipeline().start();
  flow.pipeline().wait();
  return flow.sink.results();
}

TEST(Pipeline, AnEmptyListEndsAtOnce) { EXPECT_TRUE(run({}).empty()); }

TEST(Pipeline, NamesAPicture) {
  const auto results = run({item_of(7, "http://a.example/bird")});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].index, 7U);
  EXPECT_EQ(results[0].url, "http://a.example/bird");
  const auto& success = std::get<Success>(results[0].outcome);
  EXPECT_EQ(success.answer.predictions.at(0).index, 5) << "the length of \"/bird\" went through the tensor";
  EXPECT_EQ(success.model.name, "fake");
  EXPECT_EQ(success.image.sha256.size(), 64U);
  EXPECT_GE(results[0].timings.total_ms, 0.0);
}

TEST(Pipeline, EachFailureKeepsItsOwnCodeAndHarmsNobody) {
  std::vector<Item> items = {item_of(0, "http://a.example/good"),          item_of(1, "ftp://a.example/x"),
                             item_of(2, "http://a.example/damaged"),       item_of(3, "http://a.example/throws"),
                             item_of(4, "http://a.example/error/timeout"), item_of(5, "http://a.example/good2")};
  items.push_back(item_of(6, "http://a.example/unknown_model"));
  items.back().model = "missing";
  std::map<std::uint32_t, std::string> codes;
  for (const auto& result : run(items)) codes[result.index] = code_of(result);
  const std::map<std::uint32_t, std::string> expected = {
      {0, "ok"},      {1, "url_invalid"}, {2, "decode_failed"},   {3, "internal"},
      {4, "timeout"}, {5, "ok"},          {6, "inference_failed"}};
  EXPECT_EQ(codes, expected);
}

TEST(Pipeline, OneItemInExactlyOneResultOut) {
  std::mt19937 random(20260101);
  for (int round = 0; round < 20; ++round) {
    std::vector<Item> items;
    const int count = std::uniform_int_distribution(1, 200)(random);
    for (int i = 0; i < count; ++i) {
      static const std::vector<std::string> kTexts = {"/ok", "/damaged", "/throws", "/error/truncated", "//bad host/"};
      const int origin = std::uniform_int_distribution(0, 4)(random);
      const auto& path = kTexts[std::uniform_int_distribution<std::size_t>(0, kTexts.size() - 1)(random)];
      items.push_back(item_of(i, "http://o" + std::to_string(origin) + ".example" + path));
    }
    const PipelineLimits limits{.items_in_flight = std::uniform_int_distribution<std::size_t>(1, 9)(random),
                                .transfers_per_origin = std::uniform_int_distribution(1, 3)(random),
                                .workers = std::uniform_int_distribution(1, 4)(random)};
    std::multiset<std::uint32_t> seen;
    for (const auto& result : run(items, limits)) seen.insert(result.index);
    ASSERT_EQ(seen.size(), items.size());
    for (std::uint32_t i = 0; i < items.size(); ++i) ASSERT_EQ(seen.count(i), 1U) << i;
  }
}

TEST(Pipeline, ClaimsLittleOfAListThatOthersShareUntilItHasNothingToDo) {
  std::vector<Item> items;
  for (std::uint32_t i = 0; i < 100; ++i) items.push_back(item_of(i, "http://o" + std::to_string(i) + ".example/ok"));
  Flow flow(items, {.items_in_flight = 64, .least_in_flight = 2, .workers = 1});
  flow.fetcher.hold();
  flow.pipeline().start();
  flow.fetcher.wait_for_started(2);
  // A worker that came late may have found the window full once.
  EXPECT_LE(flow.fetcher.started(), 4U);
  flow.fetcher.release();
  flow.pipeline().wait();
  EXPECT_EQ(flow.sink.results().size(), items.size());
}

/// Counts what it is shown, and the results that were there already.
class ThrowingObserver : public PictureObserver {
 public:
  explicit ThrowingObserver(const fakes::FakeSink& sink) : sink_(sink) {}

  void named(const Item& item, std::span<const std::byte> /*bytes*/, Success& /*success*/,
             Decoder& /*decoder*/) override {
    for (const auto& result : sink_.results()) {
      if (result.index == item.index) ++too_late;
    }
    ++seen;
    if (item.index % 2 == 0) throw std::runtime_error("an observer's bug");
  }

  std::atomic<int> seen = 0;
  std::atomic<int> too_late = 0;

 private:
  const fakes::FakeSink& sink_;
};

TEST(Pipeline, AnObserverSeesEachPictureBeforeItsResultAndCostsNone) {
  std::vector<Item> items;
  for (int i = 0; i < 40; ++i)
    items.push_back(item_of(i, i % 4 == 3 ? "http://a.example/damaged" : "http://a.example/x"));
  Flow flow(std::move(items), {.items_in_flight = 8, .transfers_per_origin = 6, .workers = 3});
  ThrowingObserver observer(flow.sink);
  flow.observer = &observer;
  testing::internal::CaptureStderr();
  flow.pipeline().start();
  flow.pipeline().wait();
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(observer.seen, 30);
  EXPECT_EQ(observer.too_late, 0);
  const auto results = flow.sink.results();
  EXPECT_EQ(results.size(), 40U);
  EXPECT_EQ(std::ranges::count_if(results, &ItemResult::ok), 30) << "those that the observer threw at, too";
  EXPECT_NE(log.find("an observer's bug"), std::string::npos);
}

TEST(Pipeline, NeverHasMoreItemsInFlightThanPermits) {
  std::vector<Item> items;
  for (int i = 0; i < 100; ++i) items.push_back(item_of(i, "http://o" + std::to_string(i) + ".example/x"));
  Flow flow(std::move(items), {.items_in_flight = 5, .transfers_per_origin = 6, .workers = 2});
  flow.fetcher.hold();
  flow.pipeline().start();
  flow.fetcher.wait_for_started(5);
  flow.fetcher.release();
  flow.pipeline().wait();
  EXPECT_EQ(flow.sink.results().size(), 100U);
  EXPECT_EQ(flow.fetcher.most_open(), 5U);
}

TEST(Pipeline, APermitIsHeldUntilTheResultIsDelivered) {
  std::vector<Item> items;
  for (int i = 0; i < 10; ++i) items.push_back(item_of(i, "http://a.example/x"));
  Flow flow(std::move(items), {.items_in_flight = 3, .transfers_per_origin = 6, .workers = 1});
  flow.lanes.hold();
  flow.pipeline().start();
  flow.lanes.wait_for_runs(1);
  EXPECT_LE(flow.fetcher.started(), 3U) << "no result yet: the permits of those fetched are not free";
  flow.lanes.release();
  flow.pipeline().wait();
  EXPECT_EQ(flow.sink.results().size(), 10U);
}

TEST(Pipeline, WhileOneThreadOfAWorkerWaitsForItsNetworkTheOtherHasAPicture) {
  std::vector<Item> items;
  for (int i = 0; i < 10; ++i) items.push_back(item_of(i, "http://a.example/x"));
  Flow flow(std::move(items), {.items_in_flight = 4, .transfers_per_origin = 6, .workers = 1, .threads_per_worker = 2});
  flow.lanes.hold();
  flow.pipeline().start();
  flow.lanes.wait_for_runs(2);
  EXPECT_EQ(flow.pipeline().counts().working, 2U);
  flow.lanes.release();
  flow.pipeline().wait();
  EXPECT_EQ(flow.sink.results().size(), 10U);
}

TEST(Pipeline, WorkersGiveWayWhereTheyAreToldTo) {
  std::vector<int> steps;  // of the thread that works, by gives_way
  for (const bool gives_way : {false, true}) {
    ListSource source({item_of(0, "http://a.example/x")});
    fakes::FakeFetcher fetcher;
    fakes::FakeLanes lanes;
    fakes::FakeSink sink;
    int worker = 0;
    Pipeline pipeline({.source = source,
                       .fetcher = fetcher,
                       .make_decoder =
                           [&worker] {
                             worker = getpriority(PRIO_PROCESS, 0);
                             return std::make_unique<fakes::FakeDecoder>();
                           },
                       .lanes = lanes,
                       .sink = sink},
                      {.workers_give_way = gives_way});
    pipeline.start();
    pipeline.wait();
    steps.push_back(worker);
  }
  EXPECT_EQ(steps[0], getpriority(PRIO_PROCESS, 0));
  EXPECT_GT(steps[1], steps[0]);
}

TEST(Pipeline, ASlowOriginTakesOnlyItsShareOfThePermits) {
  std::vector<Item> items;
  for (int i = 0; i < 50; ++i) items.push_back(item_of(i, "http://slow.example/x"));
  items.push_back(item_of(50, "http://other.example/x"));
  Flow flow(std::move(items), {.items_in_flight = 64, .transfers_per_origin = 6, .workers = 1});
  flow.fetcher.hold();
  flow.pipeline().start();
  flow.fetcher.wait_for_started(7);
  EXPECT_EQ(flow.fetcher.started(), 7U) << "six of the slow one, and the other's";
  flow.fetcher.release();
  flow.pipeline().wait();
  EXPECT_EQ(flow.fetcher.most_of_one_origin(), 6);
  EXPECT_EQ(flow.sink.results().size(), 51U);
}

TEST(Pipeline, EachWorkerOpensOneLaneOfAModel) {
  std::vector<Item> items;
  for (int i = 0; i < 30; ++i) items.push_back(item_of(i, "http://a.example/x"));
  Flow flow(std::move(items), {.items_in_flight = 8, .transfers_per_origin = 6, .workers = 2});
  flow.pipeline().start();
  flow.pipeline().wait();
  EXPECT_GE(flow.lanes.opened, 1);
  EXPECT_LE(flow.lanes.opened, 2);
}

}  // namespace
}  // namespace curlew
