#include "curlew/pipeline/list_source.hpp"

#include <gtest/gtest.h>

#include "curlew/pipeline/origin_room.hpp"
#include "flow/fakes.hpp"

namespace curlew {
namespace {

using fakes::item_of;

std::vector<std::uint32_t> claim_all(ListSource& source, const HasRoom& has_room) {
  std::vector<std::uint32_t> order;
  while (const auto item = source.claim(has_room)) order.push_back(item->index);
  return order;
}

TEST(ListSource, KeepsTheOrderOfTheListWhileThereIsRoom) {
  ListSource source({item_of(0, "http://a.example/0"), item_of(1, "http://b.example/1"), item_of(2, "not a url"),
                     item_of(3, "http://a.example/3")});
  EXPECT_FALSE(source.is_exhausted());
  EXPECT_EQ(claim_all(source, [](const std::string&) { return true; }), (std::vector<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_TRUE(source.is_exhausted());
}

TEST(ListSource, PassesOverAnOriginWithoutRoomAndComesBackToIt) {
  ListSource source({item_of(0, "http://full.example/0"), item_of(1, "http://full.example/1"),
                     item_of(2, "http://b.example/2"), item_of(3, "no url at all")});
  EXPECT_EQ(claim_all(source, [](const std::string& origin) { return origin != "http://full.example:80"; }),
            (std::vector<std::uint32_t>{2, 3}));
  EXPECT_FALSE(source.is_exhausted());
  EXPECT_EQ(claim_all(source, [](const std::string&) { return true; }), (std::vector<std::uint32_t>{0, 1}));
}

TEST(ListSource, WhatNeedsNoTransferIsClaimedWhateverTheRoom) {
  Item file = item_of(0, "x");
  file.source = LocalFile{"a.jpg"};
  ListSource source({file, item_of(1, "no url")});
  EXPECT_EQ(claim_all(source, [](const std::string&) { return false; }), (std::vector<std::uint32_t>{0, 1}));
}

TEST(OriginRoom, CountsEachOriginApart) {
  OriginRoom room(2);
  room.enter("a");
  room.enter("a");
  EXPECT_FALSE(room.has_room("a"));
  EXPECT_TRUE(room.has_room("b"));
  room.leave("a");
  EXPECT_TRUE(room.has_room("a"));
  room.leave("a");
  room.leave("never entered");
  EXPECT_TRUE(room.has_room("a"));
}

}  // namespace
}  // namespace curlew
