#include "curlew/draw/layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace curlew {
namespace {

std::optional<double> wide(char32_t /*character*/) { return 0.6; }

Prediction found(int index, float score, const Box& box, const std::string& label = "dog") {
  return {.index = index, .label = label, .score = score, .box = box};
}

bool inside(const PixelRect& inner, const PixelRect& outer) {
  return inner.x1 >= outer.x1 && inner.y1 >= outer.y1 && inner.x2 <= outer.x2 && inner.y2 <= outer.y2;
}

PixelRect whole(const PictureSize& size) { return {.x1 = 0, .y1 = 0, .x2 = size.width_px, .y2 = size.height_px}; }

PictureSize random_size(std::mt19937& random) {
  const auto side = [&] { return static_cast<int>(std::exp2(std::uniform_real_distribution(0.0, 14.0)(random))); };
  return {.width_px = side(), .height_px = side()};
}

Box random_box(const PictureSize& size, std::mt19937& random) {
  const auto pair = [&](int limit) {
    std::uniform_real_distribution<float> any(0.0F, static_cast<float>(limit));
    return std::minmax({any(random), any(random)});
  };
  const auto [x1, x2] = pair(size.width_px);
  const auto [y1, y2] = pair(size.height_px);
  Box box{.x1 = x1, .y1 = y1, .x2 = x2, .y2 = y2};
  switch (std::uniform_int_distribution(0, 9)(random)) {
    case 0:  // a point
      box.x2 = box.x1;
      box.y2 = box.y1;
      break;
    case 1:  // all
      box = {.x1 = 0, .y1 = 0, .x2 = static_cast<float>(size.width_px), .y2 = static_cast<float>(size.height_px)};
      break;
    case 2:  // nothing, at the far corner
      box = {.x1 = static_cast<float>(size.width_px), .y1 = static_cast<float>(size.height_px), .x2 = 0, .y2 = 0};
      box.x2 = box.x1;
      box.y2 = box.y1;
      break;
    default:
      break;
  }
  return box;
}

void expect_in_order(const Drawing& drawing, const PictureSize& size) {
  for (const DrawnObject& object : drawing.objects) {
    const Frame& frame = object.frame;
    ASSERT_FALSE(frame.line_outside.is_empty());
    ASSERT_TRUE(inside(frame.casing_outside, whole(size)));
    ASSERT_TRUE(inside(frame.line_outside, frame.casing_outside));
    ASSERT_TRUE(inside(frame.line_inside, frame.line_outside));
    ASSERT_TRUE(inside(frame.casing_inside, frame.line_inside));
    if (!object.plate) continue;
    const Plate& plate = *object.plate;
    ASSERT_TRUE(inside(plate.rect, whole(size)));
    const double text_width = 0.6 * static_cast<double>(plate.text.size()) * plate.font_px;
    ASSERT_GE(plate.text_x, plate.rect.x1 + drawing.style.casing_px);
    ASSERT_LE(plate.text_x + text_width, plate.rect.x2 - drawing.style.casing_px + 1e-6);
    ASSERT_GT(plate.baseline_y, plate.rect.y1 + 0.73 * plate.font_px);
    ASSERT_LT(plate.baseline_y + 0.24 * plate.font_px, plate.rect.y2);
    ASSERT_GE(plate.font_px, 9);
  }
}

TEST(Layout, EverythingLiesInsideThePictureWhateverTheBoxes) {
  std::mt19937 random(5);
  for (int round = 0; round < 600; ++round) {
    const PictureSize size = random_size(random);
    std::vector<Prediction> predictions;
    const int count = std::uniform_int_distribution(0, 30)(random);
    for (int i = 0; i < count; ++i) {
      const std::string label(std::uniform_int_distribution<std::size_t>(0, 40)(random), 'w');
      predictions.push_back(found(i % 7, 1.0F - 0.01F * static_cast<float>(i), random_box(size, random), label));
    }
    const Drawing drawing = layout_objects(size, predictions, wide);
    ASSERT_EQ(drawing.objects.size(), predictions.size());
    ASSERT_NO_FATAL_FAILURE(expect_in_order(drawing, size)) << size.width_px << " x " << size.height_px;
  }
}

TEST(Layout, PlatesNeverHideAnothersText) {
  std::mt19937 random(6);
  const PictureSize size{.width_px = 640, .height_px = 480};
  for (int round = 0; round < 100; ++round) {
    std::vector<Prediction> predictions;
    for (int i = 0; i < 20; ++i) predictions.push_back(found(i, 0.9F, random_box(size, random)));
    const Drawing drawing = layout_objects(size, predictions, wide);
    std::vector<PixelRect> plates;
    for (const DrawnObject& object : drawing.objects) {
      if (object.plate) plates.push_back(object.plate->rect);
    }
    double area = 0;
    for (std::size_t i = 0; i < plates.size(); ++i) {
      area += plates[i].area();
      double hidden = 0;
      for (std::size_t later = i + 1; later < plates.size(); ++later) hidden += common_area(plates[i], plates[later]);
      ASSERT_LE(hidden, 0.05 * plates[i].area() + 1e-9);
    }
    ASSERT_LE(area, 640 * 480 / 3.0) << "the picture is to be seen, too";
    ASSERT_GE(plates.size(), 12U);
  }
}

TEST(Layout, ThePictureIsStillSeenUnderThePlatesOfHundreds) {
  std::mt19937 random(7);
  const PictureSize size{.width_px = 640, .height_px = 480};
  std::vector<Prediction> predictions;
  for (int i = 0; i < 300; ++i) {
    const auto x = static_cast<float>(i % 20 * 30);
    const auto y = static_cast<float>(i / 20 * 30);
    predictions.push_back(found(i, 0.9F, {.x1 = x, .y1 = y, .x2 = x + 28, .y2 = y + 28}, "ox"));
  }
  double area = 0;
  for (const DrawnObject& object : layout_objects(size, predictions, wide).objects) {
    if (object.plate) area += object.plate->rect.area();
  }
  EXPECT_LE(area, 640 * 480 / 3.0);
  EXPECT_GE(area, 640 * 480 / 5.0);
}

TEST(Layout, ABoxOfNoSizeHasItsFrameWhereItIs) {
  const PictureSize size{.width_px = 1000, .height_px = 800};
  const auto frame_at = [&](float x, float y) {
    return layout_objects(size, std::vector{found(1, 0.9F, {.x1 = x, .y1 = y, .x2 = x, .y2 = y})}, wide)
        .objects.at(0)
        .frame.casing_outside;
  };
  EXPECT_EQ(frame_at(0, 0).x1, 0);
  EXPECT_LT(frame_at(0, 0).y2, 15);
  EXPECT_EQ(frame_at(1000, 800).x2, 1000);
  EXPECT_GT(frame_at(1000, 800).y1, 785);
  const PixelRect middle = frame_at(500, 400);
  EXPECT_NEAR((middle.x1 + middle.x2) / 2.0, 500, 1);
}

TEST(Layout, TheLineLiesOnTheEdgeOfTheBox) {
  const Drawing drawing =
      layout_objects({.width_px = 800, .height_px = 600},
                     std::vector{found(1, 0.9F, {.x1 = 100, .y1 = 200, .x2 = 300, .y2 = 400})}, wide);
  const Frame& frame = drawing.objects.at(0).frame;
  EXPECT_LE(frame.line_outside.x1, 100);
  EXPECT_GT(frame.line_inside.x1, 100);
  EXPECT_LE(std::abs(frame.line_outside.x1 + frame.line_inside.x1 - 200), 1);
  EXPECT_LE(std::abs(frame.line_outside.y2 + frame.line_inside.y2 - 800), 1);
}

TEST(Layout, SizesGrowWithThePicture) {
  DrawStyle before;
  for (const int side : {16, 64, 320, 1000, 4000, 7000}) {
    const DrawStyle style = style_for({.width_px = side, .height_px = side});
    EXPECT_GE(style.line_px, before.line_px);
    EXPECT_GE(style.font_px, before.font_px);
    EXPECT_GE(style.font_px, 9) << "smaller letters cannot be read";
    EXPECT_LE(style.line_px + 2 * style.casing_px, std::max(3, side / 60));
    before = style;
  }
  EXPECT_GT(before.font_px, 140);
}

TEST(Layout, ATinyPictureHasBoxesButNoPlates) {
  const auto drawing = layout_objects({.width_px = 16, .height_px = 16},
                                      std::vector{found(1, 0.9F, {.x1 = 2, .y1 = 2, .x2 = 14, .y2 = 14})}, wide);
  ASSERT_EQ(drawing.objects.size(), 1U);
  EXPECT_FALSE(drawing.objects[0].plate);
  EXPECT_FALSE(drawing.objects[0].frame.casing_inside.is_empty()) << "something of the picture is to be seen";
}

TEST(Layout, TheSurestIsDrawnLastAndHasTheFirstChoiceOfPlaces) {
  const Box box{.x1 = 100, .y1 = 100, .x2 = 300, .y2 = 300};
  const auto drawing =
      layout_objects({.width_px = 640, .height_px = 480}, std::vector{found(1, 0.9F, box), found(2, 0.5F, box)}, wide);
  ASSERT_EQ(drawing.objects.size(), 2U);
  const auto& surest = drawing.objects[1];
  EXPECT_EQ(surest.colour, class_colour(1));
  ASSERT_TRUE(surest.plate && drawing.objects[0].plate);
  EXPECT_EQ(surest.plate->rect.y2, surest.frame.casing_outside.y1 + drawing.style.casing_px) << "on its box";
}

TEST(Layout, PredictionsWithoutABoxAreNotDrawn) {
  Prediction named{.index = 1, .label = "dog", .score = 0.9F, .box = {}};
  EXPECT_TRUE(layout_objects({.width_px = 640, .height_px = 480}, std::vector{named}, wide).objects.empty());
}

TEST(Layout, ASmallBoxInAHugePictureIsNotBuriedUnderItsLine) {
  const auto drawing =
      layout_objects({.width_px = 6000, .height_px = 4000},
                     std::vector{found(1, 0.9F, {.x1 = 3000, .y1 = 2000, .x2 = 3030, .y2 = 2030})}, wide);
  EXPECT_GE(drawing.objects.at(0).frame.casing_inside.width(), 15);
}

}  // namespace
}  // namespace curlew
