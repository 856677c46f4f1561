#include "curlew/store/redis_claims.hpp"

#include <gtest/gtest.h>

#include "curlew/store/stored_item.hpp"

namespace curlew {
namespace {

using Rooms = std::map<std::string, std::size_t>;

std::vector<Claim> claims_of(const std::string& origin, std::uint32_t first, std::uint32_t count) {
  std::vector<Claim> claims;
  for (std::uint32_t i = first; i < first + count; ++i) {
    claims.push_back(to_claim("batch", i, {.text = origin + "/x", .problem = {}}, {}, {}));
  }
  return claims;
}

RoomOf room(std::size_t room) {
  return [room](const std::string&) { return room; };
}

TEST(RedisClaims, TakeWhatHasRoomAndNameTheRest) {
  RedisClaims claims;
  auto got = claims_of("https://a.test", 0, 5);
  const auto refused = claims.admit(got, room(2));
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[1].item.index, 1U);
  EXPECT_EQ(refused, (std::vector<ItemKey>{{"batch", 2}, {"batch", 3}, {"batch", 4}}));
  EXPECT_EQ(claims.size(), 2U);
}

TEST(RedisClaims, WhatNeedsNoTransferAlwaysHasRoom) {
  RedisClaims claims;
  auto got = claims_of("no URL", 0, 5);
  EXPECT_TRUE(claims.admit(got, room(0)).empty());
  EXPECT_EQ(claims.size(), 5U);
  EXPECT_TRUE(claims.rooms(10, room(0)).empty());
}

TEST(RedisClaims, OriginsInWorkThatHaveLittleRoomAreNamed) {
  RedisClaims claims;
  auto got = claims_of("https://a.test", 0, 1);
  claims.admit(got, room(5));
  EXPECT_EQ(claims.rooms(4, room(3)), (Rooms{{"https://a.test:443", 3}}));
  EXPECT_TRUE(claims.rooms(3, room(3)).empty());
  claims.remove(ItemKey{"batch", 0});
  EXPECT_TRUE(claims.rooms(4, room(3)).empty());
}

TEST(RedisClaims, OriginsThatWereRefusedAreNamedUntilTheyHaveRoom) {
  RedisClaims claims;
  auto got = claims_of("https://a.test", 0, 1);
  EXPECT_EQ(claims.admit(got, room(0)).size(), 1U);
  EXPECT_EQ(claims.rooms(1, room(0)), (Rooms{{"https://a.test:443", 0}}));
  EXPECT_TRUE(claims.rooms(1, room(1)).empty());
}

TEST(RedisClaims, OnlySoManyRefusedOriginsAreRemembered) {
  RedisClaims claims;
  for (std::uint32_t i = 0; i <= RedisClaims::kTightOrigins; ++i) {
    auto got = claims_of("https://o" + std::to_string(i) + ".test", i, 1);
    claims.admit(got, room(0));
  }
  const Rooms rooms = claims.rooms(1, room(0));
  EXPECT_EQ(rooms.size(), RedisClaims::kTightOrigins);
  EXPECT_FALSE(rooms.contains("https://o0.test:443"));
}

TEST(RedisClaims, AnItemIsThereOnceHoweverOftenItComes) {
  RedisClaims claims;
  for (int i = 0; i < 2; ++i) {
    auto got = claims_of("https://a.test", 0, 1);
    claims.admit(got, room(5));
  }
  EXPECT_EQ(claims.all(), (std::vector<ItemKey>{{"batch", 0}}));
  const std::vector<ItemKey> items = {{"batch", 0}, {"batch", 1}};
  EXPECT_EQ(claims.remove(items), (std::vector<ItemKey>{{"batch", 0}}));
  EXPECT_TRUE(claims.remove(items).empty());
  EXPECT_TRUE(claims.rooms(9, room(0)).empty());
}

}  // namespace
}  // namespace curlew
