#include "curlew/http/rate_floor.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

using std::chrono::seconds;

TEST(RateFloor, LetsWhoIsFastEnoughGoOn) {
  const TimePoint start{};
  RateFloor floor(1024, seconds(10), start);
  for (int window = 1; window <= 3; ++window) {
    floor.add(10240);
    EXPECT_FALSE(floor.too_slow(start + seconds(10 * window)));
    EXPECT_EQ(floor.deadline(), start + seconds(10 * (window + 1)));
  }
}

TEST(RateFloor, JudgesAtTheEndOfAWindowOnly) {
  RateFloor floor(1024, seconds(10), TimePoint{});
  EXPECT_FALSE(floor.too_slow(TimePoint{} + seconds(9)));
  EXPECT_TRUE(floor.too_slow(TimePoint{} + seconds(10)));
}

TEST(RateFloor, EndsADripAndWhoOnlyBeganFast) {
  RateFloor floor(1024, seconds(10), TimePoint{});
  floor.add(1'000'000);
  EXPECT_FALSE(floor.too_slow(TimePoint{} + seconds(10)));
  floor.add(10239);
  EXPECT_TRUE(floor.too_slow(TimePoint{} + seconds(20)));
}

}  // namespace
}  // namespace curlew
