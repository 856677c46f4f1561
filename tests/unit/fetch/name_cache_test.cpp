#include "curlew/fetch/name_cache.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace curlew {
namespace {

using namespace std::chrono_literals;

const std::vector<IpAddress> kAddresses{make_v4(192, 0, 2, 1)};
const TimePoint kStart{};

TEST(NameCache, KeepsANameForItsTimeToLive) {
  NameCache cache(10, 60s);
  cache.put("a.test", kAddresses, 5s, kStart);
  EXPECT_EQ(cache.find("a.test", kStart + 4999ms), kAddresses);
  EXPECT_FALSE(cache.find("a.test", kStart + 5s));
  EXPECT_FALSE(cache.find("b.test", kStart));
}

TEST(NameCache, KeepsNoNameLongerThanItsOwnLimit) {
  NameCache cache(10, 60s);
  cache.put("a.test", kAddresses, 24h, kStart);
  EXPECT_TRUE(cache.find("a.test", kStart + 59s));
  EXPECT_FALSE(cache.find("a.test", kStart + 60s));
}

TEST(NameCache, DoesNotKeepWhatMayNotBeKept) {
  NameCache cache(10, 60s);
  cache.put("a.test", kAddresses, 5s, kStart);
  cache.put("a.test", {make_v4(192, 0, 2, 2)}, 0s, kStart);
  EXPECT_FALSE(cache.find("a.test", kStart));
}

TEST(NameCache, ReplacesAName) {
  NameCache cache(1, 60s);
  cache.put("a.test", kAddresses, 5s, kStart);
  cache.put("a.test", {make_v4(192, 0, 2, 2)}, 5s, kStart);
  EXPECT_EQ(cache.find("a.test", kStart)->front(), make_v4(192, 0, 2, 2));
}

TEST(NameCache, HoldsNoMoreThanItsCapacity) {
  NameCache cache(1024, 60s);
  for (int i = 0; i < 5000; ++i) cache.put("name" + std::to_string(i), kAddresses, 30s + i * 1ms, kStart);
  EXPECT_EQ(cache.size(), 1024U);
  EXPECT_TRUE(cache.find("name4999", kStart));
  EXPECT_FALSE(cache.find("name0", kStart));
}

TEST(NameCache, MakesRoomFromWhatIsStale) {
  NameCache cache(2, 60s);
  cache.put("stale", kAddresses, 1s, kStart);
  cache.put("fresh", kAddresses, 50s, kStart);
  cache.put("new", kAddresses, 50s, kStart + 2s);
  EXPECT_TRUE(cache.find("fresh", kStart + 2s));
  EXPECT_TRUE(cache.find("new", kStart + 2s));
}

}  // namespace
}  // namespace curlew
