#include "curlew/core/placement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace curlew {
namespace {

/// A placement as each fit gives it; `input` is the side of a square input.
Placement placed(Fit::Kind kind, int width, int height, double input) {
  Placement placement{.original_width_px = width, .original_height_px = height};
  switch (kind) {
    case Fit::Kind::kSquash:
      placement.scale_x = input / width;
      placement.scale_y = input / height;
      break;
    case Fit::Kind::kLetterbox:
      placement.scale_x = placement.scale_y = input / std::max(width, height);
      break;
    case Fit::Kind::kCentreCrop: {
      const double side = 0.875 * std::min(width, height);
      placement.scale_x = placement.scale_y = input / side;
      placement.offset_x_px = -(width - side) / 2 * placement.scale_x;
      placement.offset_y_px = -(height - side) / 2 * placement.scale_y;
      break;
    }
  }
  return placement;
}

Box to_input_box(const Placement& placement, const Box& original) {
  const PointF first = to_input(placement, PointF{.x = original.x1, .y = original.y1});
  const PointF last = to_input(placement, PointF{.x = original.x2, .y = original.y2});
  return {.x1 = static_cast<float>(first.x),
          .y1 = static_cast<float>(first.y),
          .x2 = static_cast<float>(last.x),
          .y2 = static_cast<float>(last.y)};
}

void expect_near(const Box& box, const Box& expected, double tolerance) {
  EXPECT_NEAR(box.x1, expected.x1, tolerance);
  EXPECT_NEAR(box.y1, expected.y1, tolerance);
  EXPECT_NEAR(box.x2, expected.x2, tolerance);
  EXPECT_NEAR(box.y2, expected.y2, tolerance);
}

constexpr Fit::Kind kKinds[] = {Fit::Kind::kSquash, Fit::Kind::kCentreCrop, Fit::Kind::kLetterbox};

TEST(Placement, BringsAnyBoxBackToWhereItWasForEveryFit) {
  std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): the same numbers each time
  const auto draw = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(random); };
  for (int round = 0; round < 3000; ++round) {
    const int width = draw(1, 5000);
    const int height = draw(1, 5000);
    const Placement placement = placed(kKinds[round % 3], width, height, draw(32, 1280));
    std::uniform_real_distribution<float> across(0, static_cast<float>(width));
    std::uniform_real_distribution<float> down(0, static_cast<float>(height));
    Box box{.x1 = across(random), .y1 = down(random), .x2 = across(random), .y2 = down(random)};
    if (box.x1 > box.x2) std::swap(box.x1, box.x2);
    if (box.y1 > box.y2) std::swap(box.y1, box.y2);
    expect_near(to_original(placement, to_input_box(placement, box)), box, 1e-3);
    const PointF there{.x = box.x1, .y = box.y2};
    const PointF back = to_original(placement, to_input(placement, there));
    EXPECT_NEAR(back.x, there.x, 1e-6);
    EXPECT_NEAR(back.y, there.y, 1e-6);
    ASSERT_FALSE(HasFailure()) << width << " x " << height << ", kind " << round % 3;
  }
}

TEST(Placement, KnowsTheCornersOfEachFit) {
  const Box whole{.x1 = 0, .y1 = 0, .x2 = 400, .y2 = 400};
  expect_near(to_original(placed(Fit::Kind::kSquash, 800, 600, 400), whole), {.x1 = 0, .y1 = 0, .x2 = 800, .y2 = 600},
              0);
  expect_near(to_original(placed(Fit::Kind::kLetterbox, 800, 600, 400), {.x1 = 0, .y1 = 100, .x2 = 200, .y2 = 300}),
              {.x1 = 0, .y1 = 200, .x2 = 400, .y2 = 600}, 0);
  expect_near(to_original(placed(Fit::Kind::kCentreCrop, 800, 400, 400), whole),
              {.x1 = 225, .y1 = 25, .x2 = 575, .y2 = 375}, 1e-4);
}

TEST(Placement, ClipsToTheOriginal) {
  const Placement letterbox = placed(Fit::Kind::kLetterbox, 800, 600, 400);
  expect_near(to_original(letterbox, {.x1 = -7, .y1 = 100, .x2 = 390, .y2 = 333}),
              {.x1 = 0, .y1 = 200, .x2 = 780, .y2 = 600}, 0);
  constexpr float kMost = std::numeric_limits<float>::max();
  expect_near(to_original(letterbox, {.x1 = -kMost, .y1 = -kMost, .x2 = kMost, .y2 = kMost}),
              {.x1 = 0, .y1 = 0, .x2 = 800, .y2 = 600}, 0);
}

TEST(Placement, LeavesNothingOfABoxInTheFilledPart) {
  const Box box = to_original(placed(Fit::Kind::kLetterbox, 800, 600, 400), {.x1 = 10, .y1 = 310, .x2 = 90, .y2 = 390});
  EXPECT_EQ(box.y1, 600);
  EXPECT_EQ(box.y2, 600);
}

TEST(Placement, FollowsABoxBeyondTheCropIntoTheOriginal) {
  expect_near(to_original(placed(Fit::Kind::kCentreCrop, 800, 400, 400), {.x1 = -200, .y1 = 0, .x2 = 100, .y2 = 100}),
              {.x1 = 50, .y1 = 25, .x2 = 312.5F, .y2 = 112.5F}, 1e-3);
}

}  // namespace
}  // namespace curlew
