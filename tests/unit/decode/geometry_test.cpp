#include "curlew/decode/geometry.hpp"

#include <gtest/gtest.h>

#include <random>

#include "curlew/core/placement.hpp"

namespace curlew {
namespace {

InputFormat input(int width, int height, Fit::Kind kind, float crop_fraction = 1.0F) {
  InputFormat format{.width_px = width, .height_px = height, .fit = {}};
  format.fit.kind = kind;
  format.fit.crop_fraction = crop_fraction;
  return format;
}

TEST(Geometry, SquashesTheWholePicture) {
  const Framing framing = frame({.width = 640, .height = 480}, input(224, 224, Fit::Kind::kSquash));
  EXPECT_EQ(framing.destination, (RectPx{.x = 0, .y = 0, .width = 224, .height = 224}));
  EXPECT_DOUBLE_EQ(framing.source.width, 640);
  EXPECT_DOUBLE_EQ(framing.placement.scale_x, 224.0 / 640);
  EXPECT_DOUBLE_EQ(framing.placement.scale_y, 224.0 / 480);
}

TEST(Geometry, CutsTheMiddleSquare) {
  const Framing framing = frame({.width = 640, .height = 400}, input(224, 224, Fit::Kind::kCentreCrop, 0.875F));
  EXPECT_DOUBLE_EQ(framing.source.width, 350);
  EXPECT_DOUBLE_EQ(framing.source.height, 350);
  EXPECT_DOUBLE_EQ(framing.source.x, 145);
  EXPECT_DOUBLE_EQ(framing.source.y, 25);
  const PointF middle = to_input(framing.placement, {.x = 320, .y = 200});
  EXPECT_NEAR(middle.x, 112, 1e-9);
  EXPECT_NEAR(middle.y, 112, 1e-9);
}

TEST(Geometry, LettersBoxesToTheTopLeft) {
  const auto format = input(416, 416, Fit::Kind::kLetterbox);
  EXPECT_EQ(frame({.width = 768, .height = 576}, format).destination,
            (RectPx{.x = 0, .y = 0, .width = 416, .height = 312}));
  EXPECT_EQ(frame({.width = 512, .height = 929}, format).destination,
            (RectPx{.x = 0, .y = 0, .width = 229, .height = 416}));
  EXPECT_EQ(frame({.width = 416, .height = 416}, format).destination,
            (RectPx{.x = 0, .y = 0, .width = 416, .height = 416}));
  EXPECT_EQ(frame({.width = 16384, .height = 1}, format).destination,
            (RectPx{.x = 0, .y = 0, .width = 416, .height = 1}));
}

TEST(Geometry, LetterboxFillsOneSideExactlyWhateverTheSize) {
  const auto format = input(416, 320, Fit::Kind::kLetterbox);
  for (int width = 1; width < 600; width += 7) {
    for (int height = 1; height < 600; height += 11) {
      const RectPx to = frame({.width = width, .height = height}, format).destination;
      EXPECT_TRUE(to.width == 416 || to.height == 320) << width << " x " << height;
      EXPECT_TRUE(to.width >= 1 && to.width <= 416 && to.height >= 1 && to.height <= 320) << width << " x " << height;
    }
  }
}

// For any picture, input and kind: the source lies in the picture, the destination in the input, the corners of one go
// to the corners of the other, and the way back leads back.
TEST(Geometry, HoldsItsPromisesForAnySize) {
  std::mt19937 random(7);
  const auto draw = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(random); };
  for (int i = 0; i < 5000; ++i) {
    const SizePx upright{.width = draw(1, 2000), .height = draw(1, 2000)};
    const auto format = input(draw(1, 640), draw(1, 640), static_cast<Fit::Kind>(draw(0, 2)),
                              static_cast<float>(draw(1, 100)) / 100.0F);
    const Framing framing = frame(upright, format);
    const RectF& from = framing.source;
    const RectPx& to = framing.destination;
    ASSERT_TRUE(from.x >= 0 && from.y >= 0 && from.width > 0 && from.height > 0);
    ASSERT_TRUE(from.x + from.width <= upright.width + 1e-9 && from.y + from.height <= upright.height + 1e-9);
    ASSERT_TRUE(to.x >= 0 && to.y >= 0 && to.width >= 1 && to.height >= 1);
    ASSERT_TRUE(to.x + to.width <= format.width_px && to.y + to.height <= format.height_px);
    const PointF begin = to_input(framing.placement, {.x = from.x, .y = from.y});
    const PointF end = to_input(framing.placement, {.x = from.x + from.width, .y = from.y + from.height});
    ASSERT_NEAR(begin.x, to.x, 1e-6);
    ASSERT_NEAR(begin.y, to.y, 1e-6);
    ASSERT_NEAR(end.x, to.x + to.width, 1e-6);
    ASSERT_NEAR(end.y, to.y + to.height, 1e-6);
    const PointF there{.x = 0.3 * upright.width, .y = 0.9 * upright.height};
    const PointF back = to_original(framing.placement, to_input(framing.placement, there));
    ASSERT_NEAR(back.x, there.x, 1e-6);
    ASSERT_NEAR(back.y, there.y, 1e-6);
    ASSERT_EQ(framing.placement.original_width_px, upright.width);
    ASSERT_EQ(framing.placement.original_height_px, upright.height);
  }
}

// What a network finds where the picture's corners went in its input, it finds at the corners of the picture.
TEST(Geometry, BringsBoxesBackToThePartOfTheOriginalThatIsShown) {
  std::mt19937 random(9);
  const auto draw = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(random); };
  for (int i = 0; i < 2000; ++i) {
    const SizePx upright{.width = draw(1, 5000), .height = draw(1, 5000)};
    const auto format = input(draw(32, 640), draw(32, 640), static_cast<Fit::Kind>(i % 3), 0.875F);
    const Framing framing = frame(upright, format);
    const Box box = to_original(framing.placement, Box{.x1 = static_cast<float>(framing.destination.x),
                                                       .y1 = static_cast<float>(framing.destination.y),
                                                       .x2 = static_cast<float>(framing.destination.width),
                                                       .y2 = static_cast<float>(framing.destination.height)});
    ASSERT_NEAR(box.x1, framing.source.x, 1e-3);
    ASSERT_NEAR(box.y1, framing.source.y, 1e-3);
    ASSERT_NEAR(box.x2, framing.source.x + framing.source.width, 1e-3);
    ASSERT_NEAR(box.y2, framing.source.y + framing.source.height, 1e-3);
  }
}

int eighths(int width, int height, int to, Fit::Filter filter) {
  return decode_eighths({.x = 0, .y = 0, .width = 1.0 * width, .height = 1.0 * height}, {.width = to, .height = to},
                        filter);
}

TEST(Geometry, DecodesAtTheSmallestScaleThatIsEnough) {
  EXPECT_EQ(eighths(223, 4000, 224, Fit::Filter::kArea), 8);
  EXPECT_EQ(eighths(447, 448, 224, Fit::Filter::kArea), 8);
  EXPECT_EQ(eighths(448, 448, 224, Fit::Filter::kArea), 4);
  EXPECT_EQ(eighths(1920, 1080, 224, Fit::Filter::kArea), 2);
  EXPECT_EQ(eighths(4000, 3000, 224, Fit::Filter::kArea), 1);
}

TEST(Geometry, LeavesPlainBilinearThreeTimesThePixels) {
  EXPECT_EQ(eighths(768, 576, 300, Fit::Filter::kBilinear), 8)
      << "as the reference of the coco network samples dog.jpg";
  EXPECT_EQ(eighths(1799, 1800, 300, Fit::Filter::kBilinear), 8);
  EXPECT_EQ(eighths(1800, 1800, 300, Fit::Filter::kBilinear), 4);
  EXPECT_EQ(eighths(7200, 7200, 300, Fit::Filter::kBilinear), 1);
}

TEST(Geometry, CountsAPartOfAScaledPixelAsOne) {
  EXPECT_EQ(size_at({.width = 1080, .height = 869}, 4), (SizePx{.width = 540, .height = 435}));
  EXPECT_EQ(size_at({.width = 1, .height = 9}, 1), (SizePx{.width = 1, .height = 2}));
  EXPECT_EQ(size_at({.width = 13, .height = 7}, 8), (SizePx{.width = 13, .height = 7}));
}

}  // namespace
}  // namespace curlew
