#include "curlew/spawn/lane_wire.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>

namespace curlew {
namespace {

const Placement kPlacement{.original_width_px = 640, .original_height_px = 480};

Answer answer() {
  return {
      .predictions = {{.index = 7, .label = "Ara macao", .score = 0.9F, .box = {}},
                      {.index = 3, .label = "owl", .score = 0.5F, .box = Box{.x1 = 0, .y1 = 1, .x2 = 640, .y2 = 480}}},
      .background_score = 0.95F};
}

std::unique_ptr<LaneBoard> board_with(const Answer& answer) {
  auto board = std::make_unique<LaneBoard>();
  write_answer(answer, *board);
  return board;
}

TEST(LaneWire, BringsAnAnswerAsItWas) {
  const auto there = read_answer(*board_with(answer()), kPlacement);
  ASSERT_TRUE(there);
  ASSERT_EQ(there->predictions.size(), 2U);
  EXPECT_EQ(there->predictions[0].label, "Ara macao");
  EXPECT_EQ(there->predictions[0].index, 7);
  EXPECT_FALSE(there->predictions[0].box);
  ASSERT_TRUE(there->predictions[1].box);
  EXPECT_EQ(there->predictions[1].box->x2, 640);
  EXPECT_EQ(there->background_score, 0.95F);
}

TEST(LaneWire, LeavesNothingOfTheAnswerBefore) {
  auto board = board_with(answer());
  write_answer({}, *board);
  const auto there = read_answer(*board, kPlacement);
  ASSERT_TRUE(there);
  EXPECT_TRUE(there->predictions.empty());
  EXPECT_FALSE(there->background_score);
}

TEST(LaneWire, CutsLongLabelsBetweenCharacters) {
  Answer given = answer();
  for (std::size_t i = 0; i < 100; ++i) given.predictions[0].label += "\xE9\xB3\xA5";  // 9 + 300 bytes
  const auto there = read_answer(*board_with(given), kPlacement);
  ASSERT_TRUE(there);
  EXPECT_EQ(there->predictions[0].label.size(), 252U);
  EXPECT_EQ(given.predictions[0].label.substr(0, 252), there->predictions[0].label);
}

TEST(LaneWire, KeepsTheBestOfTooMany) {
  Answer given;
  given.predictions.resize(kMaxSpawnedPredictions + 5, {.index = 1, .label = "a", .score = 0.5F, .box = {}});
  const auto there = read_answer(*board_with(given), kPlacement);
  ASSERT_TRUE(there);
  EXPECT_EQ(there->predictions.size(), kMaxSpawnedPredictions);
}

TEST(LaneWire, BelievesNoAnswerThatCannotBe) {
  const auto refuses = [](const std::function<void(LaneBoard&)>& change) {
    const auto board = board_with(answer());
    change(*board);
    return !read_answer(*board, kPlacement).has_value();
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(refuses([](LaneBoard&) {}));
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.predictions = kMaxSpawnedPredictions + 1; }));
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.background_score = kNan; }));
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.prediction[0].score = 1.5F; }));
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.prediction[1].score = kNan; }));
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.prediction[0].score = 0.4F; })) << "scores fall";
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.prediction[0].index = -1; }));
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.prediction[0].label_bytes = 255; }));
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.prediction[1].box.x2 = 641; }));
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.prediction[1].box.y1 = 481; }));
  EXPECT_TRUE(refuses([](LaneBoard& b) { b.prediction[1].box.x1 = kNan; }));
}

TEST(LaneWire, BelievesNoFactsThatCannotBe) {
  LaneBoard board;
  board.input = {.width_px = 10, .height_px = 10, .fit = {}};
  board.name[0] = 'a';
  board.name_bytes = 1;
  board.sha256.fill('0');
  EXPECT_TRUE(read_facts(board, 300));
  EXPECT_FALSE(read_facts(board, 299)) << "it does not fit";
  LaneBoard other = board;
  other.input.width_px = -10;
  EXPECT_FALSE(read_facts(other, 300));
  other = board;
  other.name_bytes = 65;
  EXPECT_FALSE(read_facts(other, 300));
  other = board;
  other.sha256[63] = 'z';
  EXPECT_FALSE(read_facts(other, 300));
}

}  // namespace
}  // namespace curlew
