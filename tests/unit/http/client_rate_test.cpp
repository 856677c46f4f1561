#include "curlew/http/client_rate.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

using std::chrono::milliseconds;

PeerAddress peer(std::string_view text) { return *parse_peer(text); }

TEST(ClientRate, LimitsNothingAtZero) {
  ClientRate rate(0, 10);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), TimePoint{}));
  EXPECT_EQ(rate.clients(), 0U);
}

TEST(ClientRate, GivesASecondsWorthAtOnceAndThenSaysHowLongToWait) {
  ClientRate rate(4, 10);
  const TimePoint start{};
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), start));
  EXPECT_EQ(rate.wait_for(peer("192.0.2.1"), start), Duration(milliseconds(250)));
  EXPECT_EQ(rate.wait_for(peer("192.0.2.1"), start + milliseconds(150)), Duration(milliseconds(100)));
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), start + milliseconds(250)));
  EXPECT_TRUE(rate.wait_for(peer("192.0.2.1"), start + milliseconds(250)));
}

TEST(ClientRate, SavesUpNoMoreThanASecondsWorth) {
  ClientRate rate(2, 10);
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), TimePoint{}));
  const TimePoint later = TimePoint{} + std::chrono::hours(1);
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), later));
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), later));
  EXPECT_TRUE(rate.wait_for(peer("192.0.2.1"), later));
}

TEST(ClientRate, LetsARateBelowOneThrough) {
  ClientRate rate(0.5, 10);
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), TimePoint{}));
  EXPECT_TRUE(rate.wait_for(peer("192.0.2.1"), TimePoint{} + milliseconds(1900)));
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), TimePoint{} + milliseconds(2000)));
}

TEST(ClientRate, CountsClientsApartAndAnIpv6NetworkAsOne) {
  ClientRate rate(1, 10);
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), TimePoint{}));
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.2"), TimePoint{}));
  EXPECT_FALSE(rate.wait_for(peer("2001:db8::1"), TimePoint{}));
  EXPECT_TRUE(rate.wait_for(peer("2001:db8::ffff:1"), TimePoint{}));
  EXPECT_FALSE(rate.wait_for(peer("2001:db8:0:1::1"), TimePoint{}));
}

TEST(ClientRate, RemembersSoManyClientsAndNoMore) {
  ClientRate rate(1, 3);
  for (int i = 0; i < 200; ++i) rate.wait_for(peer("192.0.2." + std::to_string(i)), TimePoint{});
  EXPECT_EQ(rate.clients(), 3U);
  EXPECT_TRUE(rate.wait_for(peer("192.0.2.199"), TimePoint{}));
  EXPECT_TRUE(rate.wait_for(peer("192.0.2.197"), TimePoint{}));
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.1"), TimePoint{})) << "it was forgotten";
  EXPECT_FALSE(rate.wait_for(peer("192.0.2.198"), TimePoint{})) << "it was the one not seen for longest";
}

}  // namespace
}  // namespace curlew
