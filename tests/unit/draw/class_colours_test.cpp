#include "curlew/draw/class_colours.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace curlew {
namespace {

constexpr Rgb8 kBlack{.r = 0, .g = 0, .b = 0};
constexpr Rgb8 kWhite{.r = 255, .g = 255, .b = 255};

double distance(Rgb8 a, Rgb8 b) { return std::hypot(a.r - b.r, a.g - b.g, a.b - b.b); }

TEST(ClassColours, ContrastIsThatOfTheStandard) {
  EXPECT_NEAR(contrast(kBlack, kWhite), 21.0, 1e-9);
  EXPECT_NEAR(contrast(kWhite, kWhite), 1.0, 1e-9);
  const Rgb8 grey{.r = 0x77, .g = 0x77, .b = 0x77};
  EXPECT_NEAR(contrast(grey, kWhite), 4.48, 0.005) << "the textbook's example of a grey that just fails";
  EXPECT_EQ(contrast(grey, kWhite), contrast(kWhite, grey));
}

TEST(ClassColours, TextOnAnyColourCanBeRead) {
  for (int r = 0; r < 256; r += 15) {
    for (int g = 0; g < 256; g += 15) {
      for (int b = 0; b < 256; b += 15) {
        const Rgb8 colour{
            .r = static_cast<std::uint8_t>(r), .g = static_cast<std::uint8_t>(g), .b = static_cast<std::uint8_t>(b)};
        ASSERT_GE(contrast(ink_on(colour), colour), 4.5) << r << " " << g << " " << b;
      }
    }
  }
}

TEST(ClassColours, EveryClassHasTextThatStandsOutWell) {
  for (int i = 0; i < 1000; ++i) ASSERT_GE(contrast(ink_on(class_colour(i)), class_colour(i)), 5.5) << i;
}

TEST(ClassColours, AClassKeepsItsColour) {
  EXPECT_EQ(class_colour(17), class_colour(17));
  EXPECT_EQ(class_colour(0), (Rgb8{.r = 69, .g = 244, .b = 92}));
}

TEST(ClassColours, ClassesBesideOneAnotherLookDifferent) {
  for (int i = 0; i < 100; ++i) {
    for (int other = i + 1; other < i + 16; ++other) {
      ASSERT_GT(distance(class_colour(i), class_colour(other)), 35) << i << " and " << other;
    }
  }
}

TEST(ClassColours, AnyNumberHasAColour) {
  for (const int index : {-1, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
    EXPECT_NE(class_colour(index), kBlack);
  }
}

}  // namespace
}  // namespace curlew
