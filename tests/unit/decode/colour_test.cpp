#include "curlew/decode/colour.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <random>

#include "curlew/decode/codec.hpp"
#include "unit/decode/made_profiles.hpp"

namespace curlew {
namespace {

using made::Bytes;
using made::Picture;

using Rgb = std::array<std::uint8_t, 3>;
using Inks = std::array<std::uint8_t, 4>;

RgbRect whole(Picture& picture) {
  return {.first = picture.rgb.data(),
          .width = picture.size.width,
          .height = picture.size.height,
          .row_bytes = std::ptrdiff_t{3} * picture.size.width};
}

Rgb converted(ColourConverter& colour, const Bytes& profile, Rgb rgb) {
  colour.rgb_to_srgb(profile, {.first = rgb.data(), .width = 1, .height = 1, .row_bytes = 3});
  return rgb;
}

Rgb printed(ColourConverter& colour, const Bytes& profile, const Inks& inks) {
  Rgb rgb{};
  colour.cmyk_to_srgb(profile, inks, {.first = rgb.data(), .width = 1, .height = 1, .row_bytes = 3});
  return rgb;
}

void expect_near(const Rgb& rgb, const Rgb& expected, int tolerance) {
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(rgb[c], expected[c], tolerance) << "channel " << c;
}

TEST(Colour, LeavesSrgbAsItIs) {
  ColourConverter colour;
  Picture picture = made::noise({.width = 31, .height = 17}, 1);
  const Picture before = picture;
  colour.rgb_to_srgb(made::srgb_profile(), whole(picture));
  EXPECT_EQ(picture.rgb, before.rgb);
  colour.rgb_to_srgb({}, whole(picture));
  EXPECT_EQ(picture.rgb, before.rgb);
}

// The numbers follow from the profile's primaries and gamma, by hand: ProPhoto (128, 128, 128) is a luminance of
// (128/255)^1.8 = 0.289, which is 147 in sRGB.
TEST(Colour, BringsAWideGamutIntoSrgb) {
  ColourConverter colour;
  const Bytes profile = made::wide_profile();
  expect_near(converted(colour, profile, {128, 128, 128}), {147, 147, 147}, 2);
  expect_near(converted(colour, profile, {255, 255, 255}), {255, 255, 255}, 1);
  expect_near(converted(colour, profile, {0, 0, 0}), {0, 0, 0}, 1);
  const Rgb green = converted(colour, profile, {60, 160, 60});
  EXPECT_LT(green[0], 60) << "more saturated than sRGB's green of these numbers";
  EXPECT_GT(green[1], 160);
}

TEST(Colour, FollowsTheTableOfAProfile) {
  ColourConverter colour;
  const Bytes profile = made::swapping_profile();
  expect_near(converted(colour, profile, {200, 100, 50}), {100, 200, 50}, 4);
  expect_near(converted(colour, profile, {20, 220, 120}), {220, 20, 120}, 4);
}

TEST(Colour, TakesTheTableAndNotAChainOfElements) {
  ColourConverter colour;
  expect_near(converted(colour, made::profile_with_elements(), {200, 100, 50}), {100, 200, 50}, 4);
}

TEST(Colour, StaysInsideTheRectangle) {
  ColourConverter colour;
  Picture picture = made::noise({.width = 20, .height = 12}, 3);
  const Picture before = picture;
  colour.rgb_to_srgb(made::wide_profile(),
                     {.first = picture.at(4, 3), .width = 7, .height = 5, .row_bytes = std::ptrdiff_t{3} * 20});
  for (int y = 0; y < 12; ++y) {
    for (int x = 0; x < 20; ++x) {
      const bool inside = x >= 4 && x < 11 && y >= 3 && y < 8;
      if (!inside) {
        EXPECT_TRUE(std::equal(picture.at(x, y), picture.at(x, y) + 3, before.at(x, y))) << x << ", " << y;
      }
    }
  }
  EXPECT_NE(picture.rgb, before.rgb);
}

TEST(Colour, AppliesAProfileOfGreyToGreyPixelsOnly) {
  ColourConverter colour;
  const Bytes profile = made::grey_profile(1.0);
  // Linear light of a half is 188 in sRGB.
  expect_near(converted(colour, profile, {128, 128, 128}), {188, 188, 188}, 1);
  EXPECT_EQ(converted(colour, profile, {128, 128, 129}), (Rgb{128, 128, 129}));
}

TEST(Colour, PrintsByPlainFormulaWithoutAProfile) {
  ColourConverter colour;
  EXPECT_EQ(printed(colour, {}, {0, 0, 0, 0}), (Rgb{255, 255, 255}));
  EXPECT_EQ(printed(colour, {}, {0, 0, 0, 255}), (Rgb{0, 0, 0}));
  EXPECT_EQ(printed(colour, {}, {255, 0, 0, 0}), (Rgb{0, 255, 255}));
  EXPECT_EQ(printed(colour, {}, {51, 102, 204, 51}), (Rgb{163, 122, 41}));
}

TEST(Colour, PrintsAsTheProfilesInksLook) {
  ColourConverter colour;
  const Bytes profile = made::cmyk_profile();
  expect_near(printed(colour, profile, {0, 0, 0, 0}), {255, 255, 255}, 2);
  const Rgb cyan = printed(colour, profile, {255, 0, 0, 0});
  EXPECT_LT(cyan[0], 60);
  EXPECT_NEAR(cyan[1], 158, 25) << "offset cyan is far from (0, 255, 255)";
  EXPECT_GT(cyan[2], 190);
  const Rgb yellow = printed(colour, profile, {0, 0, 255, 0});
  EXPECT_GT(yellow[0], 220);
  EXPECT_LT(yellow[2], 60);
}

TEST(Colour, CompensatesTheBlackOfAPress) {
  ColourConverter colour;
  expect_near(printed(colour, made::cmyk_profile(), {255, 255, 255, 255}), {0, 0, 0}, 3);
}

TEST(Colour, PutsAPrintIntoItsRectangle) {
  ColourConverter colour;
  Picture picture({.width = 4, .height = 3});
  std::vector<std::uint8_t> inks(2 * 2 * 4, 0);
  colour.cmyk_to_srgb(made::cmyk_profile(), inks,
                      {.first = picture.at(1, 1), .width = 2, .height = 2, .row_bytes = std::ptrdiff_t{3} * 4});
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) {
      const bool inside = x >= 1 && x < 3 && y >= 1;
      EXPECT_NEAR(picture.at(x, y)[1], inside ? 255 : 0, 2) << x << ", " << y;
    }
  }
}

TEST(Colour, IgnoresProfilesOfAnotherKindThanThePicture) {
  ColourConverter colour;
  const Rgb rgb{200, 100, 50};
  EXPECT_EQ(converted(colour, made::cmyk_profile(), rgb), rgb);
  EXPECT_EQ(converted(colour, made::device_link(), rgb), rgb);
  EXPECT_EQ(converted(colour, made::named_colours(), rgb), rgb);
  EXPECT_EQ(converted(colour, made::with_word(made::wide_profile(), 12, "abst"), rgb), rgb);
  EXPECT_EQ(converted(colour, made::with_word(made::wide_profile(), 12, "link"), rgb), rgb);
  EXPECT_EQ(converted(colour, made::with_word(made::wide_profile(), 20, "RGB "), rgb), rgb);
  const Inks inks{255, 0, 0, 0};
  EXPECT_EQ(printed(colour, made::wide_profile(), inks), printed(colour, {}, inks));
  EXPECT_EQ(printed(colour, made::device_link(), inks), printed(colour, {}, inks));
}

TEST(Colour, IgnoresProfilesThatAreNone) {
  ColourConverter colour;
  const Rgb rgb{200, 100, 50};
  EXPECT_EQ(converted(colour, made::bytes_of("no profile"), rgb), rgb);
  EXPECT_EQ(converted(colour, Bytes(200), rgb), rgb);
  Bytes large = made::wide_profile();
  large.resize(kMaxProfileBytes + 1);
  EXPECT_EQ(converted(colour, large, rgb), rgb);
}

TEST(Colour, TellsManyProfilesApartAndKnowsThemAgain) {
  ColourConverter colour;
  std::vector<Bytes> profiles;
  for (int i = 0; i < 20; ++i) profiles.push_back(made::grey_profile(1.0 + 0.1 * i));
  std::vector<Rgb> first;
  for (const Bytes& profile : profiles) first.push_back(converted(colour, profile, {128, 128, 128}));
  for (std::size_t i = 1; i < first.size(); ++i) EXPECT_LT(first[i][0], first[i - 1][0]);
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    EXPECT_EQ(converted(colour, profiles[i], {128, 128, 128}), first[i]) << i;
  }
}

TEST(Colour, SurvivesDamagedProfiles) {
  std::mt19937 random(21);
  for (const Bytes& whole : {made::wide_profile(), made::swapping_profile(5), made::grey_profile(2.2),
                             made::cmyk_profile(3), made::profile_with_elements(), made::named_colours()}) {
    ColourConverter colour;
    for (int i = 0; i < 40; ++i) {
      Bytes broken = whole;
      const std::size_t reach = i % 3 == 0 ? whole.size() : std::min<std::size_t>(whole.size(), 400);
      for (unsigned flips = 1 + random() % 4; flips > 0; --flips) {
        broken[random() % reach] = static_cast<std::byte>(random());
      }
      if (i % 5 == 0) broken.resize(random() % whole.size());
      static_cast<void>(converted(colour, broken, {10, 20, 30}));
      static_cast<void>(printed(colour, broken, {10, 20, 30, 40}));
    }
  }
}

// A table of 50 points a side says 37 MB in a few bytes.
TEST(Colour, IgnoresATableThatTheBytesCannotHold) {
  ColourConverter colour;
  Bytes profile = made::cmyk_profile(3);
  const std::string_view text(reinterpret_cast<const char*>(profile.data()), profile.size());
  const std::size_t table = text.find("mft2", 132 + 12);
  ASSERT_NE(table, std::string_view::npos);
  for (const int grid : {50, 100, 255}) {
    profile[table + 10] = static_cast<std::byte>(grid);
    const Inks inks{255, 0, 0, 0};
    EXPECT_EQ(printed(colour, profile, inks), printed(colour, {}, inks)) << grid;
  }
}

}  // namespace
}  // namespace curlew
