#include "curlew/store/claim_board.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace curlew {
namespace {

using Place = ClaimBoard::Place;
using Waiting = ClaimBoard::Waiting;

std::vector<Waiting> items(const std::vector<std::string>& origins) {
  std::vector<Waiting> made;
  for (const std::string& origin : origins) made.push_back({static_cast<std::uint32_t>(made.size()), origin});
  return made;
}

std::size_t room(const std::string& /*origin*/) { return 1000; }

std::vector<Place> claim_all(ClaimBoard& board, const RoomOf& room_of = room) { return board.claim(1000, room_of); }

TEST(ClaimBoard, TakesTurnsAmongBatches) {
  ClaimBoard board;
  board.add(1, items({"a", "a", "a"}));
  board.add(2, items({"a"}));
  board.add(3, items({"b", "b"}));
  const std::vector<Place> expected = {{1, 0}, {2, 0}, {3, 0}, {1, 1}, {3, 1}, {1, 2}};
  EXPECT_EQ(claim_all(board), expected);
}

TEST(ClaimBoard, GivesNoMoreThanAnOriginHasRoomForInOneClaim) {
  ClaimBoard board;
  board.add(1, items({"a", "a", "a", "b"}));
  const auto room_of = [](const std::string& origin) { return origin == "a" ? 2U : 1U; };
  const std::vector<Place> expected = {{1, 0}, {1, 1}, {1, 3}};
  EXPECT_EQ(claim_all(board, room_of), expected);
}

TEST(ClaimBoard, AnItemWithoutOriginAlwaysHasRoom) {
  ClaimBoard board;
  board.add(1, items({"", "a"}));
  EXPECT_EQ(claim_all(board, [](const std::string&) { return 0; }), (std::vector<Place>{{1, 0}}));
}

TEST(ClaimBoard, ABatchWithoutRoomKeepsItsTurn) {
  ClaimBoard board;
  board.add(1, items({"full"}));
  board.add(2, items({"b", "b"}));
  const auto full = [](const std::string& origin) { return origin == "full" ? 0U : 1U; };
  EXPECT_EQ(board.claim(1, full), (std::vector<Place>{{2, 0}}));
  EXPECT_EQ(board.claim(1, room), (std::vector<Place>{{1, 0}}));
}

TEST(ClaimBoard, AsksOncePerOriginHoweverManyBatchesWaitForIt) {
  ClaimBoard board;
  constexpr int kBatches = 10000;
  for (int i = 0; i < kBatches; ++i) board.add(i, items({"full"}));
  int asked = 0;
  const auto none = [&](const std::string&) {
    ++asked;
    return 0;
  };
  EXPECT_TRUE(board.claim(1, none).empty());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(board.claim(1, none).empty());
  EXPECT_EQ(asked, 11);
  EXPECT_EQ(claim_all(board).size(), 1000U);
}

TEST(ClaimBoard, WhatComesBackWakesAParkedBatch) {
  ClaimBoard board;
  board.add(1, items({"a", "full"}));
  const auto only_a = [](const std::string& origin) { return origin == "a" ? 1U : 0U; };
  EXPECT_EQ(claim_all(board, only_a), (std::vector<Place>{{1, 0}}));
  EXPECT_TRUE(claim_all(board, only_a).empty());
  EXPECT_TRUE(board.give_back({1, 0}));
  EXPECT_EQ(claim_all(board, only_a), (std::vector<Place>{{1, 0}}));
  EXPECT_FALSE(board.give_back({1, 1}));
  EXPECT_FALSE(board.give_back({9, 0}));
}

TEST(ClaimBoard, ABatchLeavesWithItsLastResult) {
  ClaimBoard board;
  board.add(1, items({"a", "a"}));
  EXPECT_FALSE(board.has_begun(1));
  EXPECT_EQ(board.claim(1, room).size(), 1U);
  EXPECT_TRUE(board.has_begun(1));
  EXPECT_TRUE(board.finish({1, 1}));  // it was waiting
  EXPECT_FALSE(board.finish({1, 1}));
  EXPECT_TRUE(board.contains(1));
  EXPECT_TRUE(board.finish({1, 0}));
  EXPECT_FALSE(board.contains(1));
  EXPECT_EQ(board.waiting() + board.claimed(), 0U);
}

TEST(ClaimBoard, ClaimAllTakesWhatWaitsInTheListsOrder) {
  ClaimBoard board;
  board.add(1, items({"a", "b", "a", "b"}));
  EXPECT_EQ(board.claim(1, room).size(), 1U);
  EXPECT_EQ(board.claim_all(1), (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_TRUE(claim_all(board).empty());
  EXPECT_EQ(board.claimed(), 4U);
  EXPECT_TRUE(board.give_back({1, 2}));
  EXPECT_EQ(claim_all(board), (std::vector<Place>{{1, 2}}));
}

TEST(ClaimBoard, RemovedBatchesLeaveNothingBehind) {
  ClaimBoard board;
  board.add(1, items({"full", "full"}));
  board.add(2, items({"a", "a"}));
  EXPECT_EQ(board.claim(2, [](const std::string& origin) { return origin == "a" ? 1U : 0U; }).size(), 1U);
  board.remove(1);
  board.remove(2);
  board.remove(3);
  EXPECT_EQ(board.waiting() + board.claimed() + board.batches(), 0U);
  EXPECT_TRUE(claim_all(board).empty());
}

/// The same as the board, slowly: every batch, every item, in the plainest way.
class PlainBoard {
 public:
  std::map<std::int64_t, std::map<std::uint32_t, std::string>> waiting;
  std::map<std::int64_t, std::map<std::uint32_t, std::string>> claimed;
};

TEST(ClaimBoard, AnyOrderOfCallsKeepsEachItemInOnePlace) {
  std::mt19937 random(20261122);
  const std::vector<std::string> origins = {"", "a", "b", "c"};
  for (int round = 0; round < 200; ++round) {
    ClaimBoard board;
    PlainBoard plain;
    std::int64_t next = 0;
    for (int step = 0; step < 200; ++step) {
      const auto what = random() % 10;
      if (what == 0) {
        std::vector<std::string> list(random() % 8);
        for (std::string& origin : list) origin = origins[random() % origins.size()];
        board.add(++next, items(list));
        for (std::uint32_t i = 0; i < list.size(); ++i) plain.waiting[next][i] = list[i];
      } else if (what < 6) {
        std::map<std::string, std::size_t> left = {{"a", random() % 3}, {"b", random() % 3}, {"c", random() % 3}};
        const std::size_t count = 1 + random() % 4;
        const auto places = board.claim(count, [&](const std::string& origin) { return left.at(origin); });
        for (const Place& place : places) {
          const auto item = plain.waiting[place.batch].extract(place.index);
          ASSERT_FALSE(item.empty());
          if (!item.mapped().empty()) {
            ASSERT_GT(left[item.mapped()]--, 0U);
          }
          plain.claimed[place.batch][place.index] = item.mapped();
        }
        if (places.size() < count) {  // then nothing with room is left
          for (const auto& [batch, waiting] : plain.waiting) {
            for (const auto& [index, origin] : waiting) {
              ASSERT_TRUE(!origin.empty() && left[origin] == 0) << batch << ' ' << index;
            }
          }
        }
      } else if (next > 0) {
        const Place place{.batch = 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(next)),
                          .index = static_cast<std::uint32_t>(random() % 8)};
        auto& waiting = plain.waiting[place.batch];
        auto& claimed = plain.claimed[place.batch];
        if (what < 8) {
          const auto item = claimed.extract(place.index);
          ASSERT_EQ(board.give_back(place), !item.empty());
          if (!item.empty()) waiting[place.index] = item.mapped();
        } else if (what < 9 || random() % 4 != 0) {
          ASSERT_EQ(board.finish(place), waiting.erase(place.index) + claimed.erase(place.index) == 1);
        } else if (random() % 2 == 0) {
          const auto indexes = board.claim_all(place.batch);
          ASSERT_EQ(indexes.size(), waiting.size());
          claimed.merge(waiting);
        } else {
          board.remove(place.batch);
          waiting.clear();
          claimed.clear();
        }
      }
      std::size_t waiting = 0;
      std::size_t claimed = 0;
      for (const auto& [batch, of_batch] : plain.waiting) waiting += of_batch.size();
      for (const auto& [batch, of_batch] : plain.claimed) claimed += of_batch.size();
      ASSERT_EQ(board.waiting(), waiting);
      ASSERT_EQ(board.claimed(), claimed);
    }
  }
}

}  // namespace
}  // namespace curlew
