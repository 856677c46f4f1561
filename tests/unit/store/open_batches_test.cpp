#include "curlew/store/open_batches.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace curlew {
namespace {

using Company = OpenBatches::Company;
using Waiting = ClaimBoard::Waiting;

std::size_t room(const std::string& /*origin*/) { return 1000; }

void add(OpenBatches& open, OpenBatches::BatchKey key, std::uint32_t items) {
  std::vector<Waiting> waiting;
  for (std::uint32_t i = 0; i < items; ++i) waiting.push_back({.index = i, .origin = "https://birds.test"});
  open.add(key, {.id = std::to_string(key), .options = {}, .accepted_at = {}}, waiting);
}

TEST(OpenBatches, AResultBesideWhichNothingIsWorkedOnHasNoCompanyToWaitFor) {
  OpenBatches open;
  add(open, 1, 3);
  ASSERT_EQ(open.claim(1, room).size(), 1U);
  EXPECT_EQ(open.hand_in("1", 1, 1), Company::kNone);  // two of its batch wait still, but nobody has them in hand
}

TEST(OpenBatches, TheFirstResultOfABatchWaitsForNoOther) {
  OpenBatches open;
  add(open, 1, 5);
  ASSERT_EQ(open.claim(4, room).size(), 4U);
  EXPECT_EQ(open.hand_in("1", 1, 1), Company::kNone);
  EXPECT_EQ(open.hand_in("1", 1, 2), Company::kMany);
}

TEST(OpenBatches, TheLastResultsOfABatchHaveTheCompanyOfOthersOnly) {
  OpenBatches open;
  add(open, 1, 3);
  add(open, 2, 7);
  ASSERT_EQ(open.claim(6, room).size(), 6U);
  open.hand_in("1", 1, 1);
  EXPECT_EQ(open.hand_in("1", 1, 2), Company::kMany);
  EXPECT_EQ(open.hand_in("1", 1, 3), Company::kOthers);
  open.hand_in("2", 1, 4);
  EXPECT_EQ(open.hand_in("2", 1, 5), Company::kMany);
  EXPECT_EQ(open.hand_in("2", 1, 6), Company::kNone);
}

TEST(OpenBatches, WhatIsWrittenIsNoLongerHandedIn) {
  OpenBatches open;
  add(open, 1, 5);
  ASSERT_EQ(open.claim(5, room).size(), 5U);
  open.hand_in("1", 1, 1);
  EXPECT_EQ(open.hand_in("1", 2, 3), Company::kMany);
  open.finish({{1, 0}, {1, 1}, {1, 2}});
  EXPECT_EQ(open.hand_in("1", 1, 1), Company::kMany);
  EXPECT_EQ(open.hand_in("1", 1, 2), Company::kNone);
}

TEST(OpenBatches, AResultOfABatchThatHasGoneDoesNotWaitLong) {
  OpenBatches open;
  add(open, 1, 2);
  ASSERT_EQ(open.claim(2, room).size(), 2U);
  EXPECT_EQ(open.hand_in("7", 1, 1), Company::kOthers);
}

}  // namespace
}  // namespace curlew
