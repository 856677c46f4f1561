#include "curlew/infer/nms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace curlew {
namespace {

Box square(float x, float y, float side) { return {.x1 = x, .y1 = y, .x2 = x + side, .y2 = y + side}; }

bool covers(const Box& box, int x, int y) {
  return x >= static_cast<int>(box.x1) && x < static_cast<int>(box.x2) && y >= static_cast<int>(box.y1) &&
         y < static_cast<int>(box.y2);
}

TEST(IntersectionOverUnion, CountsPixelsWhereCornersAreWhole) {
  std::mt19937 random(5);  // NOLINT(cert-msc51-cpp): the same numbers each time
  const auto draw = [&] {
    const auto x = static_cast<float>(random() % 12);
    const auto y = static_cast<float>(random() % 12);
    return Box{.x1 = x,
               .y1 = y,
               .x2 = x + 1 + static_cast<float>(random() % 8),
               .y2 = y + 1 + static_cast<float>(random() % 8)};
  };
  for (int round = 0; round < 500; ++round) {
    const Box a = draw();
    const Box b = draw();
    int both = 0;
    int either = 0;
    for (int y = 0; y < 20; ++y) {
      for (int x = 0; x < 20; ++x) {
        both += covers(a, x, y) && covers(b, x, y) ? 1 : 0;
        either += covers(a, x, y) || covers(b, x, y) ? 1 : 0;
      }
    }
    ASSERT_DOUBLE_EQ(intersection_over_union(a, b), static_cast<double>(both) / either);
    ASSERT_DOUBLE_EQ(intersection_over_union(b, a), intersection_over_union(a, b));
  }
}

TEST(IntersectionOverUnion, StaysANumberForTheLargestAndTheSmallestBoxes) {
  constexpr float kMost = std::numeric_limits<float>::max();
  constexpr float kLeast = std::numeric_limits<float>::denorm_min();
  const Box largest{.x1 = -kMost, .y1 = -kMost, .x2 = kMost, .y2 = kMost};
  const Box smallest{.x1 = 0, .y1 = 0, .x2 = kLeast, .y2 = kLeast};
  EXPECT_EQ(intersection_over_union(largest, largest), 1);
  EXPECT_EQ(intersection_over_union(smallest, smallest), 1);
  EXPECT_NEAR(intersection_over_union(smallest, largest), 0, 1e-100);
}

bool competes(const Candidate& a, const Candidate& b, const NmsRule& rule) {
  const bool same = rule.scope == NmsScope::kAcrossClasses || a.class_id == b.class_id;
  return same && intersection_over_union(a.box, b.box) > static_cast<double>(rule.iou);
}

/// As one would write it down: the surest left stays, what overlaps it goes, and so on.
std::vector<Candidate> kept_naively(std::vector<Candidate> left, const NmsRule& rule) {
  std::vector<Candidate> kept;
  while (!left.empty()) {
    const auto at = std::ranges::max_element(left, {}, &Candidate::score);  // the first of equal ones
    const Candidate surest = *at;
    left.erase(at);
    kept.push_back(surest);
    std::erase_if(left, [&](const Candidate& other) { return competes(surest, other, rule); });
  }
  return kept;
}

std::vector<Candidate> random_candidates(std::mt19937& random, std::size_t count) {
  std::uniform_real_distribution<float> place(-20, 120);
  std::uniform_real_distribution<float> side(1, 60);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < count; ++i) {
    const float x = place(random);
    const float y = place(random);
    candidates.push_back({.box = {.x1 = x, .y1 = y, .x2 = x + side(random), .y2 = y + side(random)},
                          .class_id = static_cast<int>(random() % 3),
                          .score = static_cast<float>(random() % 20) / 20.0F});
  }
  return candidates;
}

bool same(const Candidate& a, const Candidate& b) {
  return a.class_id == b.class_id && a.score == b.score && a.box.x1 == b.box.x1 && a.box.y1 == b.box.y1 &&
         a.box.x2 == b.box.x2 && a.box.y2 == b.box.y2;
}

TEST(SuppressOverlaps, KeepsWhatANaiveReferenceKeeps) {
  std::mt19937 random(6);  // NOLINT(cert-msc51-cpp)
  for (int round = 0; round < 300; ++round) {
    const NmsRule rule{.iou = static_cast<float>(random() % 11) / 10.0F,
                       .scope = round % 2 == 0 ? NmsScope::kByClass : NmsScope::kAcrossClasses};
    const auto candidates = random_candidates(random, random() % 120);
    const auto kept = suppress_overlaps(candidates, rule);
    ASSERT_TRUE(std::ranges::equal(kept, kept_naively(candidates, rule), same)) << "round " << round;
    ASSERT_TRUE(std::ranges::is_sorted(kept, std::ranges::greater{}, &Candidate::score));
    for (std::size_t i = 0; i < kept.size(); ++i) {
      for (std::size_t k = i + 1; k < kept.size(); ++k) ASSERT_FALSE(competes(kept[i], kept[k], rule));
    }
    for (const Candidate& candidate : candidates) {
      ASSERT_TRUE(std::ranges::any_of(kept, [&](const Candidate& one) {
        return same(one, candidate) || (one.score >= candidate.score && competes(one, candidate, rule));
      })) << "one went though nothing surer stands in its place";
    }
  }
}

TEST(SuppressOverlaps, TellsClassesApartOnlyByClass) {
  const std::vector<Candidate> pair{{.box = square(0, 0, 10), .class_id = 18, .score = 0.87F},
                                    {.box = square(0, 0, 10), .class_id = 17, .score = 0.63F}};
  EXPECT_EQ(suppress_overlaps(pair, {.iou = 0.5F, .scope = NmsScope::kByClass}).size(), 2U);
  const auto across = suppress_overlaps(pair, {.iou = 0.5F, .scope = NmsScope::kAcrossClasses});
  ASSERT_EQ(across.size(), 1U);
  EXPECT_EQ(across[0].class_id, 18);
}

TEST(SuppressOverlaps, LetsBoxesThatOverlapByExactlyTheThresholdStand) {
  const std::vector<Candidate> pair{{.box = {.x1 = 0, .y1 = 0, .x2 = 3, .y2 = 1}, .class_id = 1, .score = 0.9F},
                                    {.box = {.x1 = 1, .y1 = 0, .x2 = 4, .y2 = 1}, .class_id = 1, .score = 0.8F}};
  EXPECT_EQ(suppress_overlaps(pair, {.iou = 0.5F}).size(), 2U);
  EXPECT_EQ(suppress_overlaps(pair, {.iou = 0.49F}).size(), 1U);
}

TEST(SuppressOverlaps, GoesByPlaceWhereScoresAreEqual) {
  const std::vector<Candidate> pair{{.box = square(0, 0, 10), .class_id = 2, .score = 0.5F},
                                    {.box = square(1, 0, 10), .class_id = 1, .score = 0.5F}};
  const auto kept = suppress_overlaps(pair, {.iou = 0.5F, .scope = NmsScope::kAcrossClasses});
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].class_id, 2);
}

TEST(SuppressOverlaps, GivesNoMoreThanTheLimit) {
  std::vector<Candidate> apart;
  for (int i = 0; i < 20000; ++i) {
    apart.push_back({.box = square(2.0F * static_cast<float>(i), 0, 1), .class_id = 0, .score = 0.5F});
  }
  EXPECT_EQ(suppress_overlaps(apart, {}).size(), kMaxDetections);
  EXPECT_TRUE(suppress_overlaps({}, {}).empty());
}

TEST(SuppressOverlaps, LooksOnlyAtTheSurestOfTooMany) {
  std::vector<Candidate> stacked(kMaxCandidates, {.box = square(0, 0, 10), .class_id = 0, .score = 0.9F});
  stacked.insert(stacked.begin(), {.box = square(50, 0, 10), .class_id = 0, .score = 0.1F});
  EXPECT_EQ(suppress_overlaps(stacked, {}).size(), 1U);
}

}  // namespace
}  // namespace curlew
