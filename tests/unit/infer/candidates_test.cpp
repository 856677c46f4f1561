#include "curlew/infer/candidates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace curlew {
namespace {

constexpr Box kBox{.x1 = 0, .y1 = 0, .x2 = 1, .y2 = 1};

TEST(BestCandidates, KeepsWhatASortOfAllWouldKeep) {
  std::mt19937 random(3);  // NOLINT(cert-msc51-cpp): the same numbers each time
  for (const std::size_t count :
       {std::size_t{0}, std::size_t{1}, kMaxCandidates, kMaxCandidates + 1, std::size_t{9000}}) {
    BestCandidates best;
    std::vector<Candidate> all;
    for (std::size_t i = 0; i < count; ++i) {
      const float score = static_cast<float>(random() % 16) / 16.0F;  // many ties
      all.push_back({.box = kBox, .class_id = static_cast<int>(i), .score = score});
      best.offer(all.back());
    }
    std::ranges::stable_sort(all, std::ranges::greater{}, &Candidate::score);
    all.resize(std::min(all.size(), kMaxCandidates));
    const auto kept = best.take();
    EXPECT_TRUE(std::ranges::equal(kept, all, {}, &Candidate::class_id, &Candidate::class_id)) << count;
    EXPECT_TRUE(best.take().empty());
  }
}

TEST(CandidateBox, IsEmptyWithoutWidthOrHeight) {
  EXPECT_FALSE(is_empty(kBox));
  EXPECT_TRUE(is_empty({.x1 = 1, .y1 = 0, .x2 = 1, .y2 = 1}));
  EXPECT_TRUE(is_empty({.x1 = 0, .y1 = 2, .x2 = 1, .y2 = 1}));
}

TEST(CandidateBox, IsFiniteIfAllFourNumbersAre) {
  EXPECT_TRUE(is_finite(kBox));
  for (float Box::*number : {&Box::x1, &Box::y1, &Box::x2, &Box::y2}) {
    Box box = kBox;
    box.*number = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(is_finite(box));
    box.*number = -std::numeric_limits<float>::infinity();
    EXPECT_FALSE(is_finite(box));
  }
}

}  // namespace
}  // namespace curlew
