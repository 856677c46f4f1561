#include "curlew/store/redis_lanes.hpp"

#include <gtest/gtest.h>

#include <set>

namespace curlew {
namespace {

NewItem from(int origin, int item) {
  return {.text = "https://o" + std::to_string(origin) + ".test/" + std::to_string(item), .problem = {}};
}

TEST(RedisLanes, EachOriginHasItsOwn) {
  const std::vector<NewItem> items = {from(1, 0), from(2, 0), {.text = "no URL", .problem = {}}, from(1, 1)};
  const LanePlan plan = plan_lanes(items);
  EXPECT_EQ(plan.lanes(), 3U);
  EXPECT_FALSE(plan.has_shared);
  EXPECT_EQ(plan.origins, (std::vector<std::string>{"https://o1.test:443", "https://o2.test:443", ""}));
  EXPECT_EQ(plan.lane_of, (std::vector<std::size_t>{0, 1, 2, 0}));
  EXPECT_EQ(plan.origin_of, std::vector<std::string>(4));
}

TEST(RedisLanes, AnEmptyListHasNone) {
  EXPECT_EQ(plan_lanes({}).lanes(), 0U);
  EXPECT_FALSE(plan_lanes({}).has_shared);
}

TEST(RedisLanes, AsManyOriginsAsLanesShareNone) {
  std::vector<NewItem> items;
  for (int origin = 0; origin < static_cast<int>(kMaxLanes); ++origin) items.push_back(from(origin, 0));
  EXPECT_FALSE(plan_lanes(items).has_shared);
  EXPECT_EQ(plan_lanes(items).lanes(), kMaxLanes);
}

TEST(RedisLanes, OfTooManyOriginsTheLargestHaveTheirOwn) {
  std::vector<NewItem> items;
  for (int origin = 0; origin < 40; ++origin) {
    for (int item = 0; item <= origin; ++item) items.push_back(from(origin, item));
  }
  const LanePlan plan = plan_lanes(items);
  EXPECT_TRUE(plan.has_shared);
  EXPECT_EQ(plan.lanes(), kMaxLanes);
  EXPECT_EQ(plan.origins.size(), kMaxLanes - 1);
  EXPECT_EQ(plan.origins.front(), "https://o39.test:443");
  EXPECT_EQ(plan.origins.back(), "https://o25.test:443");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool is_shared = plan.lane_of[i] == kMaxLanes - 1;
    EXPECT_EQ(plan.origin_of[i].empty(), !is_shared);
    if (!is_shared) continue;
    EXPECT_TRUE(items[i].text.starts_with(plan.origin_of[i].substr(0, plan.origin_of[i].rfind(':'))));
  }
}

}  // namespace
}  // namespace curlew
