#include "curlew/zmq/connection_limits.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

constexpr ConnectionLimits kLimits{.taken = 10'000, .held = 1000, .unread = 500};

bool is_cut(const Traffic& traffic) { return !reason_to_cut(traffic, kLimits).empty(); }

TEST(ConnectionLimits, KeepWhoDoesNothing) { EXPECT_FALSE(is_cut({})); }

TEST(ConnectionLimits, CutWhoSendsTooMuchInAll) {
  EXPECT_FALSE(is_cut({.taken = 10'000, .delivered = 10'000}));
  EXPECT_EQ(reason_to_cut({.taken = 10'001, .delivered = 10'001}, kLimits), "it sent more than subscriptions need");
}

TEST(ConnectionLimits, CutWhoseMessageDoesNotEnd) {
  EXPECT_FALSE(is_cut({.taken = 6000, .delivered = 5000}));
  EXPECT_EQ(reason_to_cut({.taken = 6001, .delivered = 5000}, kLimits), "it sent much that is no whole request");
}

TEST(ConnectionLimits, CutWhoDoesNotReadItsReplies) {
  EXPECT_FALSE(is_cut({.sent = 5500, .acked = 5000}));
  EXPECT_EQ(reason_to_cut({.sent = 5501, .acked = 5000}, kLimits), "it does not read its replies");
}

TEST(ConnectionLimits, KeepWhereCountsRunAhead) {
  EXPECT_FALSE(is_cut({.taken = 10, .delivered = 5000}));
  EXPECT_FALSE(is_cut({.sent = 10, .acked = 5000}));
}

TEST(ConnectionLimits, AreNoneWhereNoneAreSet) {
  EXPECT_EQ(reason_to_cut({.taken = 1ULL << 60U, .sent = 1ULL << 60U}, {}), "");
}

}  // namespace
}  // namespace curlew
