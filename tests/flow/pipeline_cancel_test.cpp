#include <gtest/gtest.h>

#include "flow/fakes.hpp"

namespace curlew {
namespace {

using fakes::code_of;
using fakes::Flow;
using fakes::item_of;

std::vector<Item> items_of_many_origins(int count) {
  std::vector<Item> items;
  for (int i = 0; i < count; ++i) items.push_back(item_of(i, "http://o" + std::to_string(i) + ".example/x"));
  return items;
}

TEST(PipelineCancel, WhatIsBeingFetchedEndsAsCancelledAndTheRestStaysUnclaimed) {
  Flow flow(items_of_many_origins(100), {.items_in_flight = 8, .transfers_per_origin = 6, .workers = 2});
  flow.fetcher.hold();
  flow.pipeline().start();
  flow.fetcher.wait_for_started(8);
  flow.pipeline().cancel();
  flow.pipeline().wait();
  const auto results = flow.sink.results();
  EXPECT_EQ(results.size(), 8U);
  for (const auto& result : results) EXPECT_EQ(code_of(result), "cancelled");
  EXPECT_FALSE(flow.source.is_exhausted());
}

TEST(PipelineCancel, WhatAWorkerHasInItsHandsIsFinished) {
  Flow flow(items_of_many_origins(20), {.items_in_flight = 4, .transfers_per_origin = 6, .workers = 1});
  flow.lanes.hold();
  flow.pipeline().start();
  flow.lanes.wait_for_runs(1);
  flow.pipeline().cancel();
  flow.lanes.release();
  flow.pipeline().wait();
  int ok = 0;
  for (const auto& result : flow.sink.results()) ok += code_of(result) == "ok" ? 1 : 0;
  EXPECT_EQ(ok, 1);
  EXPECT_LE(flow.sink.results().size(), 4U);
}

TEST(PipelineCancel, TwiceAndAfterTheEndIsHarmless) {
  Flow flow(items_of_many_origins(3), {.items_in_flight = 4, .transfers_per_origin = 6, .workers = 1});
  flow.pipeline().start();
  flow.pipeline().wait();
  flow.pipeline().cancel();
  flow.pipeline().cancel();
  flow.pipeline().wait();
  EXPECT_EQ(flow.sink.results().size(), 3U);
}

TEST(PipelineCancel, DestructionInTheMiddleDeliversWhatWasClaimed) {
  fakes::FakeSink* sink = nullptr;
  Flow flow(items_of_many_origins(50), {.items_in_flight = 6, .transfers_per_origin = 6, .workers = 2});
  sink = &flow.sink;
  {
    Pipeline pipeline(PipelineParts{.source = flow.source,
                                    .fetcher = flow.fetcher,
                                    .make_decoder = [] { return std::make_unique<fakes::FakeDecoder>(); },
                                    .lanes = flow.lanes,
                                    .sink = flow.sink},
                      {.items_in_flight = 6, .transfers_per_origin = 6, .workers = 2});
    pipeline.start();
    sink->wait_for(10);
  }
  EXPECT_EQ(sink->results().size(), flow.fetcher.started());
}

TEST(PipelineCancel, CancelFromAnotherThreadAtAnyMomentLosesNoClaimedItem) {
  for (int round = 0; round < 50; ++round) {
    Flow flow(items_of_many_origins(40), {.items_in_flight = 6, .transfers_per_origin = 6, .workers = 2});
    flow.pipeline().start();
    std::jthread other([&] {
      flow.sink.wait_for(static_cast<std::size_t>(round % 30));
      flow.pipeline().cancel();
    });
    flow.pipeline().wait();
    other.join();
    std::set<std::uint32_t> indices;
    for (const auto& result : flow.sink.results()) EXPECT_TRUE(indices.insert(result.index).second);
    EXPECT_EQ(indices.size(), flow.fetcher.started());
  }
}

}  // namespace
}  // namespace curlew
