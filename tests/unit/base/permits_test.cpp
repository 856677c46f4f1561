#include "curlew/base/permits.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace curlew {
namespace {

TEST(Permits, GivesOutAsManyAsThereAreAndTakesThemBack) {
  Permits permits(2);
  const std::stop_token never;
  auto first = permits.acquire(never);
  auto second = permits.acquire(never);
  EXPECT_EQ(permits.in_use(), 2U);
  first.reset();
  EXPECT_EQ(permits.in_use(), 1U);
  Permit moved = std::move(*second);
  second.reset();
  EXPECT_EQ(permits.in_use(), 1U) << "it went with the move";
}

TEST(Permits, AWaitEndsWithAFreedPermit) {
  Permits permits(1);
  auto held = permits.acquire({});
  std::jthread other([&] { held.reset(); });
  EXPECT_TRUE(permits.acquire({}).has_value());
}

TEST(Permits, GiveOutFewerWhereTheyAreLimited) {
  Permits permits(3);
  permits.limit_to(1);
  auto first = permits.acquire({});
  std::optional<Permit> second;
  std::jthread waiting([&] { second = permits.acquire({}); });
  permits.limit_to(7);  // as many as there are
  waiting.join();
  EXPECT_TRUE(second);
  auto third = permits.acquire({});
  EXPECT_EQ(permits.in_use(), 3U);
  permits.limit_to(1);
  third.reset();
  second.reset();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(permits.acquire(stop.get_token()));
  EXPECT_EQ(permits.in_use(), 1U);
}

TEST(Permits, AWaitEndsWithAStop) {
  Permits permits(1);
  auto held = permits.acquire({});
  std::stop_source stop;
  std::jthread other([&] { stop.request_stop(); });
  EXPECT_FALSE(permits.acquire(stop.get_token()).has_value());
  held.reset();
  EXPECT_FALSE(permits.acquire(stop.get_token()).has_value()) << "stopped stays stopped";
}

TEST(Permits, APermitMayOutliveThem) {
  std::optional<Permit> permit;
  {
    Permits permits(1);
    permit = permits.acquire({});
  }
  permit.reset();
}

TEST(ByteBudget, RefusesWhatDoesNotFitUntilBytesComeBack) {
  ByteBudget budget(100);
  int releases = 0;
  budget.set_on_release([&] { ++releases; });
  auto first = budget.try_reserve(60);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.try_reserve(41));
  EXPECT_TRUE(budget.try_reserve(40));  // given back at once
  EXPECT_EQ(releases, 1);
  first->shrink_to(10);
  EXPECT_EQ(budget.used(), 10U);
  EXPECT_EQ(releases, 2);
  first->shrink_to(50);
  EXPECT_EQ(budget.used(), 10U) << "a reservation never grows";
  EXPECT_TRUE(budget.try_reserve(90));
}

TEST(ByteBudget, GivesMoreThanTheWholeToOneAlone) {
  ByteBudget budget(100);
  auto large = budget.try_reserve(500);
  ASSERT_TRUE(large);
  EXPECT_FALSE(budget.try_reserve(1));
  large.reset();
  EXPECT_EQ(budget.used(), 0U);
}

TEST(ByteBudget, AReservationMovesWithItsBytes) {
  ByteBudget budget(100);
  ByteReservation kept;
  {
    auto taken = budget.try_reserve(30);
    ASSERT_TRUE(taken);
    kept = std::move(*taken);
  }
  EXPECT_EQ(budget.used(), 30U);
  kept = ByteReservation();
  EXPECT_EQ(budget.used(), 0U);
}

TEST(ByteBudget, ManyThreadsNeverExceedIt) {
  ByteBudget budget(10);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const auto reservation = budget.try_reserve(4);
        EXPECT_LE(budget.used(), 10U);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace curlew
