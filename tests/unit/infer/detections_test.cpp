#include "curlew/infer/detections.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>

namespace curlew {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr InputFormat kInput{.width_px = 64, .height_px = 32, .fit = {}};

/// A tensor with its memory. The shape may lie.
template <class T>
struct Tensor {
  std::vector<std::size_t> shape;
  std::vector<T> values;
  TensorView<T> view() const { return {.values = values, .shape = shape}; }
};
using Floats = Tensor<float>;
using Labels = Tensor<std::int64_t>;

using Found = Result<std::vector<Candidate>>;

void expect_error(const Found& found, ErrorCode code) {
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, code) << found.error().message;
}

void expect_box(const Candidate& candidate, const Box& box) {
  EXPECT_FLOAT_EQ(candidate.box.x1, box.x1);
  EXPECT_FLOAT_EQ(candidate.box.y1, box.y1);
  EXPECT_FLOAT_EQ(candidate.box.x2, box.x2);
  EXPECT_FLOAT_EQ(candidate.box.y2, box.y2);
}

// ---- SSD

Found ssd(const Floats& boxes, const Floats& scores, float threshold = 0.5F) {
  return read_ssd(boxes.view(), scores.view(), kInput, threshold);
}

const Floats kTwoBoxes{{1, 2, 4}, {0.25F, 0.5F, 0.75F, 1.0F, 0, 0, 1, 1}};

TEST(ReadSsd, ScalesBoxesAndTakesTheBestClassOfARow) {
  const auto found = ssd(kTwoBoxes, {{1, 2, 4}, {0.1F, 0.2F, 0.7F, 0.6F, 0, 0.1F, 0.1F, 0.9F}});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].class_id, 3);
  EXPECT_EQ((*found)[0].score, 0.9F);
  EXPECT_EQ((*found)[1].class_id, 2);
  expect_box((*found)[1], {.x1 = 32, .y1 = 8, .x2 = 64, .y2 = 24});
}

TEST(ReadSsd, NeverAnswersBackgroundNorLooksAtIt) {
  const auto found = ssd(kTwoBoxes, {{1, 2, 2}, {0.99F, 0.2F, kNan, 0.6F}});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ((*found)[0].class_id, 1);
}

TEST(ReadSsd, CountsAScoreAtTheThreshold) {
  EXPECT_EQ(ssd(kTwoBoxes, {{1, 2, 2}, {0, 0.5F, 0, std::nextafter(0.5F, 0.0F)}})->size(), 1U);
}

TEST(ReadSsd, RefusesShapesThatAreNotItsForm) {
  const Floats scores{{1, 2, 2}, {0, 1, 0, 1}};
  EXPECT_TRUE(ssd(kTwoBoxes, scores));
  expect_error(ssd({{2, 4}, kTwoBoxes.values}, scores), ErrorCode::kInferenceFailed);
  expect_error(ssd({{2, 1, 4}, kTwoBoxes.values}, scores), ErrorCode::kInferenceFailed);
  expect_error(ssd({{1, 4, 2}, kTwoBoxes.values}, scores), ErrorCode::kInferenceFailed);
  expect_error(ssd({{1, 2, 4}, {1, 2, 3, 4}}, scores), ErrorCode::kInferenceFailed);
  expect_error(ssd(kTwoBoxes, {{1, 4, 1}, scores.values}), ErrorCode::kInferenceFailed);
  expect_error(ssd(kTwoBoxes, {{1, 2, 3}, scores.values}), ErrorCode::kInferenceFailed);
  expect_error(ssd(kTwoBoxes, {{1, 2, 1}, {0, 1}}), ErrorCode::kInferenceFailed);
  expect_error(ssd({{}, {}}, {{}, {}}), ErrorCode::kInferenceFailed);
}

TEST(ReadSsd, RefusesCountsThatNoMemoryHolds) {
  constexpr std::size_t kHuge = std::size_t{1} << 62U;  // times 4 it is 0
  expect_error(ssd({{1, kHuge, 4}, {}}, {{1, kHuge, 4}, {}}), ErrorCode::kInferenceFailed);
  expect_error(ssd({{1, 0, 4}, {}}, {{1, 0, kHuge}, {}}), ErrorCode::kInferenceFailed);
}

TEST(ReadSsd, FindsNothingInNoRows) {
  const auto found = ssd({{1, 0, 4}, {}}, {{1, 0, 91}, {}});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty());
}

TEST(ReadSsd, TakesScoresBelowZeroAsZero) {
  const Floats scores{{1, 2, 3}, {0, -2, -1, 0, -0.0F, -9}};
  EXPECT_TRUE(ssd(kTwoBoxes, scores, 0.01F)->empty());
  const auto found = ssd(kTwoBoxes, scores, 0);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].score, 0);
  EXPECT_EQ((*found)[0].class_id, 2);
  EXPECT_EQ((*found)[1].class_id, 1);
}

TEST(ReadSsd, FailsWhereANumberThatCountsIsNotFinite) {
  for (const float bad : {kNan, -kNan, kInfinity, -kInfinity}) {
    expect_error(ssd(kTwoBoxes, {{1, 2, 2}, {0, 0.1F, 0, bad}}), ErrorCode::kNonFiniteOutput);
    const Floats boxes{{1, 2, 4}, {0, 0, 1, 1, 0, bad, 1, 1}};
    expect_error(ssd(boxes, {{1, 2, 2}, {0, 0.1F, 0, 0.6F}}), ErrorCode::kNonFiniteOutput);
    EXPECT_TRUE(ssd(boxes, {{1, 2, 2}, {0, 0.6F, 0, 0.1F}})) << "a box below the threshold does not count";
  }
  constexpr float kMost = std::numeric_limits<float>::max();
  expect_error(ssd({{1, 1, 4}, {0, 0, kMost, kMost}}, {{1, 1, 2}, {0, 1}}), ErrorCode::kNonFiniteOutput);
}

TEST(ReadSsd, LeavesOutBoxesWithoutWidthOrHeight) {
  EXPECT_TRUE(ssd({{1, 2, 4}, {0.5F, 0, 0.5F, 1, 0, 0.9F, 1, 0.1F}}, {{1, 2, 2}, {0, 1, 0, 1}})->empty());
}

TEST(ReadSsd, KeepsTheSurestWhereEveryRowFindsSomething) {
  constexpr std::size_t kRows = 3 * kMaxCandidates;
  Floats boxes{{1, kRows, 4}, {}};
  Floats scores{{1, kRows, 2}, {}};
  for (std::size_t i = 0; i < kRows; ++i) {
    boxes.values.insert(boxes.values.end(), {0, 0, 1, 1});
    scores.values.insert(scores.values.end(), {0, static_cast<float>(i) / kRows});
  }
  const auto found = ssd(boxes, scores, 0);
  ASSERT_EQ(found->size(), kMaxCandidates);
  EXPECT_EQ(found->front().score, static_cast<float>(kRows - 1) / kRows);
  EXPECT_EQ(found->back().score, static_cast<float>(kRows - kMaxCandidates) / kRows);
}

// ---- YOLOX

constexpr std::size_t kCells = 8 * 4 + 4 * 2 + 2 * 1;  // of kInput

/// Grids of kInput that see nothing, with `classes` classes.
Floats empty_grids(std::size_t classes) {
  return {{1, kCells, 5 + classes}, std::vector<float>(kCells * (5 + classes), 0.0F)};
}

Found yolox(const Floats& grids, float threshold = 0.5F) { return read_yolox(grids.view(), kInput, threshold); }

TEST(ReadYolox, DecodesTheCellsOfEveryGrid) {
  Floats grids = empty_grids(2);
  const auto put = [&](std::size_t row, const std::vector<float>& numbers) {
    std::ranges::copy(numbers, grids.values.begin() + static_cast<std::ptrdiff_t>(row * 7));
  };
  const float wide = std::log(2.0F);
  put(8 + 3, {0.5F, 0.5F, 0, wide, 1, 0, 0.9F});                // stride 8: column 3, line 1
  put(32 + 4 + 2, {0, -1, wide, 0, 0.8F, 1, 0});                // stride 16: column 2, line 1
  put(32 + 8 + 1, {0.25F, 0.5F, -wide, -wide, 1, 0.6F, 0.6F});  // stride 32: column 1, line 0
  const auto found = yolox(grids);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ((*found)[0].class_id, 1);
  EXPECT_FLOAT_EQ((*found)[0].score, 0.9F);
  expect_box((*found)[0], {.x1 = 24, .y1 = 4, .x2 = 32, .y2 = 20});
  EXPECT_EQ((*found)[1].class_id, 0);
  EXPECT_FLOAT_EQ((*found)[1].score, 0.8F);
  expect_box((*found)[1], {.x1 = 16, .y1 = -8, .x2 = 48, .y2 = 8});
  EXPECT_EQ((*found)[2].class_id, 0) << "of equal classes the lower one";
  expect_box((*found)[2], {.x1 = 32, .y1 = 8, .x2 = 48, .y2 = 24});
}

TEST(ReadYolox, MultipliesObjectnessAndClass) {
  Floats grids = empty_grids(1);
  grids.values[4] = 0.7F;
  grids.values[5] = 0.7F;
  EXPECT_TRUE(yolox(grids, 0.5F)->empty());
  ASSERT_EQ(yolox(grids, 0.48F)->size(), 1U);
  EXPECT_FLOAT_EQ(yolox(grids, 0.48F)->front().score, 0.49F);
}

TEST(ReadYolox, HasTheRowsOfThePublishedNetworks) {
  for (const auto& [side, rows] : {std::pair{416, 3549}, std::pair{640, 8400}}) {
    const Floats grids{{1, static_cast<std::size_t>(rows), 85},
                       std::vector<float>(static_cast<std::size_t>(rows) * 85)};
    EXPECT_TRUE(read_yolox(grids.view(), {.width_px = side, .height_px = side, .fit = {}}, 0.5F)) << side;
  }
}

TEST(ReadYolox, RefusesShapesThatAreNotItsForm) {
  const Floats good = empty_grids(2);
  EXPECT_TRUE(yolox(good));
  expect_error(yolox({{kCells, 7}, good.values}), ErrorCode::kInferenceFailed);
  expect_error(yolox({{7, kCells, 1}, good.values}), ErrorCode::kInferenceFailed);
  expect_error(yolox({{1, 7, kCells}, good.values}), ErrorCode::kInferenceFailed);
  expect_error(yolox({{1, kCells, 5}, std::vector<float>(kCells * 5)}), ErrorCode::kInferenceFailed);
  expect_error(yolox({{1, kCells + 1, 7}, std::vector<float>((kCells + 1) * 7)}), ErrorCode::kInferenceFailed);
  expect_error(yolox({good.shape, {}}), ErrorCode::kInferenceFailed);
  expect_error(yolox({{}, {}}), ErrorCode::kInferenceFailed);
}

TEST(ReadYolox, FailsWhereANumberThatCountsIsNotFinite) {
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    for (std::size_t i = 0; i < 7; ++i) {
      if (bad == -kInfinity && (i == 2 || i == 3)) continue;  // exp makes 0 of it, and an empty box
      Floats grids = empty_grids(2);
      std::ranges::fill_n(grids.values.begin() + 4, 3, 0.9F);
      grids.values[i] = bad;
      expect_error(yolox(grids), ErrorCode::kNonFiniteOutput);
      if (i == 4) continue;
      grids.values[4] = 0.1F;
      EXPECT_TRUE(yolox(grids)) << "a row without an object does not count";
    }
  }
  Floats grids = empty_grids(2);
  std::ranges::copy(std::vector<float>{0, 0, 1000, 0, 1, 1, 1}, grids.values.begin());
  expect_error(yolox(grids), ErrorCode::kNonFiniteOutput);
}

// ---- boxes, labels, scores

Found lists(const Floats& boxes, const Labels& labels, const Floats& scores) {
  return read_boxes_labels_scores(boxes.view(), labels.view(), scores.view(), 0.5F);
}

const Floats kCorners{{2, 4}, {1, 2, 3, 4, 10, 20, 30, 40}};
const Labels kIds{{2}, {16, 90}};

TEST(ReadBoxesLabelsScores, TakesBoxesAsTheyAre) {
  const auto found = lists(kCorners, kIds, {{2}, {0.6F, 1.0001F}});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].class_id, 90);
  EXPECT_EQ((*found)[0].score, 1);
  expect_box((*found)[1], {.x1 = 1, .y1 = 2, .x2 = 3, .y2 = 4});
}

TEST(ReadBoxesLabelsScores, FindsNothingInNoRows) {
  const auto found = lists({{0, 4}, {}}, {{0}, {}}, {{0}, {}});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty());
}

TEST(ReadBoxesLabelsScores, RefusesShapesThatAreNotItsForm) {
  const Floats scores{{2}, {0.6F, 0.7F}};
  expect_error(lists({{1, 2, 4}, kCorners.values}, kIds, scores), ErrorCode::kInferenceFailed);
  expect_error(lists({{4, 2}, kCorners.values}, kIds, scores), ErrorCode::kInferenceFailed);
  expect_error(lists(kCorners, {{1}, {1}}, scores), ErrorCode::kInferenceFailed);
  expect_error(lists(kCorners, {{2, 1}, {1, 2}}, scores), ErrorCode::kInferenceFailed);
  expect_error(lists(kCorners, kIds, {{2}, {0.6F}}), ErrorCode::kInferenceFailed);
  expect_error(lists({{}, {}}, {{}, {}}, {{}, {}}), ErrorCode::kInferenceFailed);
  constexpr std::size_t kHuge = std::size_t{1} << 62U;
  expect_error(lists({{kHuge, 4}, {}}, {{kHuge}, {}}, {{kHuge}, {}}), ErrorCode::kInferenceFailed);
}

TEST(ReadBoxesLabelsScores, RefusesClassesThatCannotBe) {
  for (const std::int64_t id : {std::int64_t{-1}, std::int64_t{1'000'000}, std::numeric_limits<std::int64_t>::max(),
                                std::numeric_limits<std::int64_t>::min()}) {
    expect_error(lists(kCorners, {{2}, {1, id}}, {{2}, {0.6F, 0.6F}}), ErrorCode::kInferenceFailed);
    EXPECT_TRUE(lists(kCorners, {{2}, {1, id}}, {{2}, {0.6F, 0.1F}})) << "a row below the threshold does not count";
  }
}

TEST(ReadBoxesLabelsScores, FailsWhereANumberThatCountsIsNotFinite) {
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    expect_error(lists(kCorners, kIds, {{2}, {0.6F, bad}}), ErrorCode::kNonFiniteOutput);
    const Floats boxes{{2, 4}, {1, 2, 3, 4, 10, 20, 30, bad}};
    expect_error(lists(boxes, kIds, {{2}, {0.6F, 0.6F}}), ErrorCode::kNonFiniteOutput);
    EXPECT_TRUE(lists(boxes, kIds, {{2}, {0.6F, 0.4F}}));
  }
}

}  // namespace
}  // namespace curlew
