#include "curlew/decode/resize.hpp"

#include <gtest/gtest.h>

#include <random>

#include "unit/decode/made_pictures.hpp"

namespace curlew {
namespace {

using made::Picture;

void feed(RowResizer& resizer, const Picture& picture) {
  for (int y = 0; y < picture.size.height; ++y) resizer.row(picture.at(0, y));
}

Picture resized(const Picture& picture, const RectF& source, SizePx to, Fit::Filter filter) {
  Picture result(to);
  RowResizer resizer;
  resizer.begin({.rows = picture.size,
                 .source = source,
                 .orientation = Orientation::kUpright,
                 .filter = filter,
                 .destination = {.x = 0, .y = 0, .width = to.width, .height = to.height},
                 .output_width = to.width},
                result.rgb);
  feed(resizer, picture);
  EXPECT_TRUE(resizer.complete());
  return result;
}

RectF whole(SizePx size) { return {.x = 0, .y = 0, .width = 1.0 * size.width, .height = 1.0 * size.height}; }

TEST(RowResizer, AveragesAsTheNaiveReferenceDoes) {
  const std::pair<SizePx, SizePx> cases[] = {{{131, 97}, {32, 24}}, {{64, 64}, {64, 64}}, {{300, 20}, {7, 19}},
                                             {{33, 57}, {32, 56}},  {{5, 900}, {5, 2}},   {{1, 1}, {1, 1}}};
  for (const auto& [from, to] : cases) {
    const Picture picture = made::noise(from, 5);
    const Picture expected = made::area_reference(picture, whole(from), to);
    const Picture result = resized(picture, whole(from), to, Fit::Filter::kArea);
    EXPECT_LE(made::largest_difference(result.rgb, expected.rgb), 1) << from.width << " to " << to.width;
    EXPECT_LT(made::mean_difference(result.rgb, expected.rgb), 0.01) << from.width << " to " << to.width;
  }
}

TEST(RowResizer, TakesTheNearestFourAsTheNaiveReferenceDoes) {
  const std::pair<SizePx, SizePx> cases[] = {{{131, 97}, {32, 24}}, {{20, 15}, {64, 48}}, {{40, 10}, {20, 33}},
                                             {{3, 2}, {50, 70}},    {{1, 1}, {9, 9}},     {{500, 3}, {7, 64}}};
  for (const auto& [from, to] : cases) {
    const Picture picture = made::noise(from, 6);
    const Picture expected = made::bilinear_reference(picture, whole(from), to);
    const Picture result = resized(picture, whole(from), to, Fit::Filter::kBilinear);
    EXPECT_LE(made::largest_difference(result.rgb, expected.rgb), 1) << from.width << " to " << to.width;
    EXPECT_LT(made::mean_difference(result.rgb, expected.rgb), 0.01) << from.width << " to " << to.width;
  }
}

TEST(RowResizer, CutsBetweenPixels) {
  const Picture picture = made::noise({.width = 90, .height = 70}, 8);
  const RectF source{.x = 10.3, .y = 5.7, .width = 61.5, .height = 49.1};
  const SizePx to{.width = 20, .height = 16};
  EXPECT_LE(made::largest_difference(resized(picture, source, to, Fit::Filter::kArea).rgb,
                                     made::area_reference(picture, source, to).rgb),
            1);
  EXPECT_LE(made::largest_difference(resized(picture, source, to, Fit::Filter::kBilinear).rgb,
                                     made::bilinear_reference(picture, source, to).rgb),
            1);
}

TEST(RowResizer, ShrinksOneAxisAndEnlargesTheOther) {
  const Picture picture = made::noise({.width = 200, .height = 5}, 9);
  const SizePx to{.width = 20, .height = 30};
  // By area across, then bilinear down: the two axes are apart.
  const Picture across = made::area_reference(picture, whole(picture.size), {.width = 20, .height = 5});
  const Picture expected = made::bilinear_reference(across, whole(across.size), to);
  EXPECT_LE(made::largest_difference(resized(picture, whole(picture.size), to, Fit::Filter::kArea).rgb, expected.rgb),
            1);
}

TEST(RowResizer, KeepsFlatColourExactly) {
  Picture picture({.width = 211, .height = 173});
  std::ranges::fill(picture.rgb, std::uint8_t{255});
  for (const auto filter : {Fit::Filter::kArea, Fit::Filter::kBilinear}) {
    for (const std::uint8_t value : resized(picture, whole(picture.size), {.width = 31, .height = 37}, filter).rgb) {
      ASSERT_EQ(value, 255);
    }
  }
}

TEST(RowResizer, TurnsAllEightOrientationsUpright) {
  const Picture upright = made::noise({.width = 60, .height = 44}, 10);
  const RectF source{.x = 3, .y = 4.5, .width = 50, .height = 30};
  const SizePx to{.width = 17, .height = 11};
  const Picture expected = made::area_reference(upright, source, to);
  for (int number = 1; number <= 8; ++number) {
    const auto orientation = static_cast<Orientation>(number);
    const Picture stored = made::as_stored(upright, orientation);
    Picture result(to);
    RowResizer resizer;
    resizer.begin({.rows = stored.size,
                   .source = stored_rectangle(source, stored.size, orientation),
                   .orientation = orientation,
                   .filter = Fit::Filter::kArea,
                   .destination = {.x = 0, .y = 0, .width = to.width, .height = to.height},
                   .output_width = to.width},
                  result.rgb);
    feed(resizer, stored);
    EXPECT_LE(made::largest_difference(result.rgb, expected.rgb), 1) << number;
  }
}

TEST(RowResizer, LeavesWhatIsOutsideItsDestination) {
  const Picture picture = made::noise({.width = 40, .height = 30}, 11);
  for (int number = 1; number <= 8; ++number) {
    Picture output({.width = 20, .height = 20});
    std::ranges::fill(output.rgb, std::uint8_t{114});
    const auto orientation = static_cast<Orientation>(number);
    RowResizer resizer;
    resizer.begin({.rows = picture.size,
                   .source = whole(picture.size),
                   .orientation = orientation,
                   .filter = Fit::Filter::kArea,
                   .destination = {.x = 3, .y = 5, .width = 12, .height = 9},
                   .output_width = 20},
                  output.rgb);
    feed(resizer, picture);
    int touched = 0;
    for (int y = 0; y < 20; ++y) {
      for (int x = 0; x < 20; ++x) {
        const bool inside = x >= 3 && x < 15 && y >= 5 && y < 14;
        const auto* pixel = output.at(x, y);
        const bool filled = pixel[0] == 114 && pixel[1] == 114 && pixel[2] == 114;
        if (!inside) {
          EXPECT_TRUE(filled) << number << ": " << x << ", " << y;
        }
        touched += inside && !filled ? 1 : 0;
      }
    }
    EXPECT_EQ(touched, 12 * 9) << number;
  }
}

/// Four channels as two pictures: the first three, and the fourth three times.
struct InkPicture {
  Picture colours;
  Picture blacks;
  std::vector<std::uint8_t> inks;
};

InkPicture ink_noise(SizePx size, unsigned seed) {
  InkPicture result{.colours = made::noise(size, seed), .blacks = made::noise(size, seed + 1), .inks = {}};
  for (std::size_t i = 0; i < result.colours.rgb.size(); i += 3) {
    const std::uint8_t black = result.blacks.rgb[i];
    result.blacks.rgb[i + 1] = result.blacks.rgb[i + 2] = black;
    for (std::size_t c = 0; c < 3; ++c) result.inks.push_back(result.colours.rgb[i + c]);
    result.inks.push_back(black);
  }
  return result;
}

TEST(RowResizer, TreatsFourChannelsAsItTreatsThree) {
  const std::pair<SizePx, SizePx> cases[] = {
      {{131, 97}, {32, 24}}, {{20, 15}, {64, 48}}, {{64, 64}, {64, 64}}, {{1, 1}, {1, 1}}, {{33, 57}, {32, 56}}};
  for (const auto& [from, to] : cases) {
    const InkPicture picture = ink_noise(from, 30);
    for (const auto filter : {Fit::Filter::kArea, Fit::Filter::kBilinear}) {
      for (int number = 1; number <= 8; ++number) {
        const auto orientation = static_cast<Orientation>(number);
        const auto run = [&](const std::uint8_t* rows, int channels) {
          std::vector<std::uint8_t> output(static_cast<std::size_t>(to.width) * to.height * channels);
          RowResizer resizer;
          resizer.begin({.rows = from,
                         .source = whole(from),
                         .orientation = orientation,
                         .filter = filter,
                         .destination = {.x = 0, .y = 0, .width = to.width, .height = to.height},
                         .output_width = to.width,
                         .channels = channels},
                        output);
          for (int y = 0; y < from.height; ++y) resizer.row(rows + std::ptrdiff_t{y} * from.width * channels);
          EXPECT_TRUE(resizer.complete());
          return output;
        };
        const auto inks = run(picture.inks.data(), 4);
        const auto colours = run(picture.colours.rgb.data(), 3);
        const auto blacks = run(picture.blacks.rgb.data(), 3);
        for (std::size_t pixel = 0; pixel < inks.size() / 4; ++pixel) {
          for (std::size_t c = 0; c < 3; ++c) ASSERT_EQ(inks[pixel * 4 + c], colours[pixel * 3 + c]);
          ASSERT_EQ(inks[pixel * 4 + 3], blacks[pixel * 3]);
        }
      }
    }
  }
}

TEST(RowResizer, AveragesFourChannelsAsTheNaiveReferenceDoes) {
  const SizePx from{.width = 131, .height = 97};
  const SizePx to{.width = 32, .height = 24};
  const InkPicture picture = ink_noise(from, 40);
  std::vector<std::uint8_t> inks(std::size_t{32} * 24 * 4);
  RowResizer resizer;
  resizer.begin({.rows = from,
                 .source = whole(from),
                 .orientation = Orientation::kUpright,
                 .filter = Fit::Filter::kArea,
                 .destination = {.x = 0, .y = 0, .width = to.width, .height = to.height},
                 .output_width = to.width,
                 .channels = 4},
                inks);
  for (int y = 0; y < from.height; ++y) resizer.row(picture.inks.data() + std::ptrdiff_t{y} * from.width * 4);
  const Picture colours = made::area_reference(picture.colours, whole(from), to);
  const Picture blacks = made::area_reference(picture.blacks, whole(from), to);
  for (std::size_t pixel = 0; pixel < inks.size() / 4; ++pixel) {
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(inks[pixel * 4 + c], colours.rgb[pixel * 3 + c], 1);
    EXPECT_NEAR(inks[pixel * 4 + 3], blacks.rgb[pixel * 3], 1);
  }
}

TEST(RowResizer, IsNotCompleteBeforeTheLastRowItNeeds) {
  Picture result({.width = 4, .height = 4});
  RowResizer resizer;
  const Picture picture = made::noise({.width = 8, .height = 8}, 12);
  resizer.begin({.rows = picture.size,
                 .source = whole(picture.size),
                 .orientation = Orientation::kUpright,
                 .filter = Fit::Filter::kArea,
                 .destination = {.x = 0, .y = 0, .width = 4, .height = 4},
                 .output_width = 4},
                result.rgb);
  for (int y = 0; y < 7; ++y) resizer.row(picture.at(0, y));
  EXPECT_FALSE(resizer.complete());
  resizer.row(picture.at(0, 7));
  EXPECT_TRUE(resizer.complete());
}

}  // namespace
}  // namespace curlew
