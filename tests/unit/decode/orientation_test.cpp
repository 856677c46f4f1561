#include "curlew/decode/orientation.hpp"

#include <gtest/gtest.h>

#include "unit/decode/made_pictures.hpp"

namespace curlew {
namespace {

constexpr SizePx kUpright{.width = 7, .height = 4};

TEST(Orientation, SwapsTheSidesOfQuarterTurnsOnly) {
  for (int number = 1; number <= 8; ++number) {
    const auto orientation = static_cast<Orientation>(number);
    const SizePx stored = upright_size(kUpright, orientation);
    EXPECT_EQ(stored.width == kUpright.width, number <= 4);
    EXPECT_EQ(upright_size(stored, orientation), kUpright);
  }
}

// Every single pixel of the upright picture is found in the stored one at the place that stored_rectangle names.
TEST(Orientation, MapsEveryUprightPixelToItsStoredOne) {
  const made::Picture upright = made::noise(kUpright, 1);
  for (int number = 1; number <= 8; ++number) {
    const auto orientation = static_cast<Orientation>(number);
    const made::Picture stored = made::as_stored(upright, orientation);
    for (int y = 0; y < kUpright.height; ++y) {
      for (int x = 0; x < kUpright.width; ++x) {
        const RectF rect =
            stored_rectangle({.x = 1.0 * x, .y = 1.0 * y, .width = 1, .height = 1}, stored.size, orientation);
        const auto* expected = upright.at(x, y);
        const auto* found = stored.at(static_cast<int>(rect.x), static_cast<int>(rect.y));
        EXPECT_TRUE(std::equal(expected, expected + 3, found)) << number << ": " << x << ", " << y;
      }
    }
  }
}

TEST(Orientation, KeepsARectanglesSizeAndItsPlaceInside) {
  for (int number = 1; number <= 8; ++number) {
    const auto orientation = static_cast<Orientation>(number);
    const SizePx stored = upright_size(kUpright, orientation);
    const RectF rect = stored_rectangle({.x = 0.5, .y = 1.25, .width = 5, .height = 2}, stored, orientation);
    EXPECT_DOUBLE_EQ(rect.width * rect.height, 10);
    EXPECT_GE(rect.x, 0);
    EXPECT_GE(rect.y, 0);
    EXPECT_LE(rect.x + rect.width, stored.width);
    EXPECT_LE(rect.y + rect.height, stored.height);
  }
}

}  // namespace
}  // namespace curlew
