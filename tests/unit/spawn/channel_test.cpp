#include "curlew/spawn/channel.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

struct Number {
  int value = 0;
};
struct Longer {
  int value = 0;
  int more = 0;
};

TEST(Channel, BringsWholeMessagesInOrder) {
  const auto [one, other] = Channel::pair();
  ASSERT_TRUE(one.send(Number{1}));
  ASSERT_TRUE(one.send(Number{2}));
  Number got;
  ASSERT_EQ(other.receive(got), Received::kMessage);
  EXPECT_EQ(got.value, 1);
  ASSERT_EQ(other.receive(got), Received::kMessage);
  EXPECT_EQ(got.value, 2);
}

TEST(Channel, SaysThatTheTimeIsUp) {
  const auto [one, other] = Channel::pair();
  Number got;
  EXPECT_EQ(other.receive(got, now()), Received::kTimedOut);
  ASSERT_TRUE(one.send(Number{3}));
  EXPECT_EQ(other.receive(got, now()), Received::kMessage);
}

TEST(Channel, SaysThatTheOtherSideIsGone) {
  auto [one, other] = Channel::pair();
  one.close();
  Number got;
  EXPECT_EQ(other.receive(got), Received::kClosed);
  EXPECT_EQ(other.receive(got, now() + std::chrono::hours(1)), Received::kClosed);
  EXPECT_FALSE(other.send(Number{1}));
}

TEST(Channel, TakesNoMessageOfAnotherSize) {
  const auto [one, other] = Channel::pair();
  ASSERT_TRUE(one.send(Longer{.value = 1, .more = 2}));
  Number got{.value = 7};
  EXPECT_EQ(other.receive(got), Received::kClosed);
  ASSERT_TRUE(one.send(Number{1}));
  Longer longer;
  EXPECT_EQ(other.receive(longer), Received::kClosed);
}

}  // namespace
}  // namespace curlew
