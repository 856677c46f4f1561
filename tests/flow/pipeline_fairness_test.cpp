#include <gtest/gtest.h>

#include "flow/fakes.hpp"

namespace curlew {
namespace {

using fakes::Flow;
using fakes::item_of;

TEST(PipelineFairness, ASmallBatchTakesTurnsWithALargeOneWhereItemsWaitForACore) {
  std::vector<Item> items;
  for (int i = 0; i < 40; ++i) items.push_back(item_of(i, "http://o" + std::to_string(i) + ".example/x", "large"));
  items.push_back(item_of(0, "http://small.example/x", "small"));
  Flow flow(std::move(items), {.items_in_flight = 64, .transfers_per_origin = 6, .workers = 1});
  flow.lanes.hold();
  flow.pipeline().start();
  flow.fetcher.wait_for_started(41);
  flow.lanes.wait_for_runs(1);
  // The fetcher answers in order: once it is idle, all 41 wait for the one worker, which holds the first.
  flow.fetcher.wait_until_idle();
  flow.lanes.release();
  flow.pipeline().wait();
  const auto results = flow.sink.results();
  std::size_t place = 0;
  while (results.at(place).batch != "small") ++place;
  EXPECT_LE(place, 2U) << "behind the one in hand and at most one more of the large batch";
}

}  // namespace
}  // namespace curlew
