#include "curlew/draw/plate_place.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace curlew {

void PrintTo(const PixelRect& r, std::ostream* out) {
  *out << "(" << r.x1 << ", " << r.y1 << ")-(" << r.x2 << ", " << r.y2 << ")";
}

namespace {

constexpr PictureSize kPicture{.width_px = 400, .height_px = 300};
constexpr PlateSize kPlate{.width_px = 80, .height_px = 20};

std::optional<PixelRect> place(const PixelRect& frame, const std::vector<PixelRect>& taken = {}) {
  return place_plate(0, std::vector{frame}, kPlate, 2, kPicture, taken);
}

PixelRect plate_at(int x, int y) { return {.x1 = x, .y1 = y, .x2 = x + 80, .y2 = y + 20}; }

TEST(PlatePlace, StandsOnItsBox) {
  EXPECT_EQ(place({.x1 = 100, .y1 = 100, .x2 = 250, .y2 = 200}), plate_at(100, 82)) << "two rows are shared";
}

TEST(PlatePlace, HangsBelowABoxAtTheUpperEdge) {
  EXPECT_EQ(place({.x1 = 100, .y1 = 5, .x2 = 250, .y2 = 200}), plate_at(100, 198));
}

TEST(PlatePlace, LiesInsideABoxAsHighAsThePicture) {
  EXPECT_EQ(place({.x1 = 100, .y1 = 0, .x2 = 250, .y2 = 300}), plate_at(100, 0));
}

TEST(PlatePlace, IsShiftedIntoThePicture) {
  EXPECT_EQ(place({.x1 = 380, .y1 = 100, .x2 = 400, .y2 = 200}), plate_at(320, 82));
  EXPECT_EQ(place({.x1 = -5, .y1 = 100, .x2 = 20, .y2 = 200}), plate_at(0, 82));
}

PixelRect without_edge(const PixelRect& r) { return {.x1 = r.x1 + 2, .y1 = r.y1 + 2, .x2 = r.x2 - 2, .y2 = r.y2 - 2}; }

TEST(PlatePlace, AvoidsPlatesThatAreThere) {
  const PixelRect frame{.x1 = 100, .y1 = 100, .x2 = 270, .y2 = 200};
  std::vector<PixelRect> taken;
  for (int i = 0; i < 12; ++i) {
    const auto rect = place(frame, taken);
    ASSERT_TRUE(rect) << i;
    for (const PixelRect& other : taken) {
      EXPECT_EQ(common_area(without_edge(*rect), without_edge(other)), 0) << i << ": edges may be common";
    }
    taken.push_back(*rect);
  }
}

TEST(PlatePlace, HidesNoSmallBoxBesideIt) {
  const PixelRect frame{.x1 = 100, .y1 = 100, .x2 = 250, .y2 = 200};
  const PixelRect small{.x1 = 110, .y1 = 80, .x2 = 125, .y2 = 95};
  const auto rect = place_plate(0, std::vector{frame, small}, kPlate, 2, kPicture, {});
  ASSERT_TRUE(rect);
  EXPECT_EQ(common_area(*rect, small), 0);
}

TEST(PlatePlace, IsLeftOutWhereItWouldOnlyLieOnOthers) {
  const PixelRect all{.x1 = 0, .y1 = 0, .x2 = 400, .y2 = 300};
  EXPECT_EQ(place({.x1 = 100, .y1 = 100, .x2 = 250, .y2 = 200}, {all}), std::nullopt);
}

TEST(PlatePlace, IsLeftOutWhereThePictureIsSmaller) {
  const std::vector<PixelRect> frames = {{.x1 = 10, .y1 = 10, .x2 = 20, .y2 = 20}};
  EXPECT_EQ(place_plate(0, frames, kPlate, 2, {.width_px = 79, .height_px = 300}, {}), std::nullopt);
  EXPECT_EQ(place_plate(0, frames, kPlate, 2, {.width_px = 400, .height_px = 19}, {}), std::nullopt);
}

}  // namespace
}  // namespace curlew
