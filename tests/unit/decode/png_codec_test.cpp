#include "curlew/decode/png_codec.hpp"

#include <gmock/gmock.h>

#include "unit/decode/made_png.hpp"

namespace curlew {
namespace {

using namespace std::string_view_literals;

using made::Bytes;
using made::Picture;
using made::PngSource;
using ::testing::HasSubstr;

constexpr SizePx kSize{.width = 29, .height = 19};

Result<Picture> read(const Bytes& bytes) {
  const auto codec = make_png_codec();
  return made::read_all(*codec, bytes);
}

/// Each pixel's samples by a rule of its place.
template <class Rule>
PngSource drawn(int colour_type, int bit_depth, const Rule& samples_at) {
  PngSource source;
  source.size = kSize;
  source.colour_type = colour_type;
  source.bit_depth = bit_depth;
  for (int y = 0; y < kSize.height; ++y) {
    for (int x = 0; x < kSize.width; ++x) {
      for (const unsigned sample : samples_at(x, y)) source.samples.push_back(static_cast<std::uint16_t>(sample));
    }
  }
  return source;
}

/// The RGB that is expected, by a rule of the pixel's place.
template <class Rule>
void expect_pixels(const PngSource& source, const Rule& rgb_at, int tolerance = 0) {
  for (const bool interlaced : {false, true}) {
    PngSource copy = source;
    copy.interlaced = interlaced;
    const auto picture = read(made::png(copy));
    ASSERT_TRUE(picture) << picture.error().message;
    for (int y = 0; y < kSize.height; ++y) {
      for (int x = 0; x < kSize.width; ++x) {
        const std::array<unsigned, 3> expected = rgb_at(x, y);
        for (std::size_t c = 0; c < 3; ++c) {
          ASSERT_NEAR(picture->at(x, y)[c], expected[c], tolerance) << x << ", " << y << " interlaced " << interlaced;
        }
      }
    }
  }
}

unsigned pattern(int x, int y, unsigned most) { return static_cast<unsigned>(x * 7 + y * 13) % (most + 1); }

TEST(PngCodec, ReadsGreyOfEveryDepth) {
  for (const int depth : {1, 2, 4, 8, 16}) {
    const unsigned most = (1U << static_cast<unsigned>(depth)) - 1;
    expect_pixels(drawn(0, depth, [&](int x, int y) { return std::array{pattern(x * 97, y, most)}; }),
                  [&](int x, int y) {
                    const unsigned sample = pattern(x * 97, y, most);
                    const unsigned level = depth == 16 ? sample >> 8U : sample * 255 / most;
                    return std::array{level, level, level};
                  });
  }
}

TEST(PngCodec, ReadsColourOfEightAndSixteenBits) {
  for (const int depth : {8, 16}) {
    const unsigned shift = depth == 16 ? 8 : 0;
    const auto rgb_at = [](int x, int y) {
      return std::array{pattern(x, y, 255), pattern(y, x, 255), pattern(x, x, 255)};
    };
    expect_pixels(drawn(2, depth,
                        [&](int x, int y) {
                          auto rgb = rgb_at(x, y);
                          for (auto& value : rgb) value = value << shift | (depth == 16 ? 0x7FU : 0U);
                          return rgb;
                        }),
                  rgb_at);
  }
}

TEST(PngCodec, ReadsPalettesOfEveryDepth) {
  for (const int depth : {1, 2, 4, 8}) {
    const unsigned most = (1U << static_cast<unsigned>(depth)) - 1;
    PngSource source = drawn(3, depth, [&](int x, int y) { return std::array{pattern(x, y, most)}; });
    for (unsigned i = 0; i <= most; ++i) {
      source.palette.push_back({static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(255 - i), 77});
    }
    expect_pixels(source, [&](int x, int y) {
      const unsigned index = pattern(x, y, most);
      return std::array{index, 255 - index, 77U};
    });
  }
}

TEST(PngCodec, LaysAlphaOverWhite) {
  const auto over_white = [](unsigned value, unsigned alpha) {
    return (value * alpha + 255 * (255 - alpha) + 127) / 255;
  };
  for (const int depth : {8, 16}) {
    const unsigned factor = depth == 16 ? 257 : 1;
    expect_pixels(
        drawn(6, depth,
              [&](int x, int y) {
                return std::array{pattern(x, y, 255) * factor, 10 * factor, 200 * factor, pattern(y, x, 255) * factor};
              }),
        [&](int x, int y) {
          const unsigned alpha = pattern(y, x, 255);
          return std::array{over_white(pattern(x, y, 255), alpha), over_white(10, alpha), over_white(200, alpha)};
        });
    expect_pixels(drawn(4, depth,
                        [&](int x, int y) {
                          return std::array{pattern(x, y, 255) * factor, pattern(y, x, 255) * factor};
                        }),
                  [&](int x, int y) {
                    const unsigned grey = over_white(pattern(x, y, 255), pattern(y, x, 255));
                    return std::array{grey, grey, grey};
                  });
  }
}

TEST(PngCodec, LaysTransparentPaletteEntriesAndColoursOverWhite) {
  PngSource palette = drawn(3, 8, [](int x, int) { return std::array{static_cast<unsigned>(x % 3)}; });
  palette.palette = {{200, 0, 0}, {0, 200, 0}, {0, 0, 200}};
  palette.transparency = made::bytes_of("\x00\xFF"sv);
  expect_pixels(palette, [](int x, int) {
    return x % 3 == 0 ? std::array{255U, 255U, 255U} : x % 3 == 1 ? std::array{0U, 200U, 0U} : std::array{0U, 0U, 200U};
  });

  PngSource key = drawn(2, 8, [](int x, int) { return x % 2 == 0 ? std::array{1U, 2U, 3U} : std::array{4U, 5U, 6U}; });
  key.transparency = made::bytes_of("\0\x01\0\x02\0\x03"sv);
  expect_pixels(key, [](int x, int) { return x % 2 == 0 ? std::array{255U, 255U, 255U} : std::array{4U, 5U, 6U}; });
}

TEST(PngCodec, RefusesAWrongChecksumOfTheData) {
  Bytes png = made::png(made::png_source(made::four_corners(kSize)));
  png[png.size() - 12 - 1] ^= std::byte{1};  // the last of IDAT's checksum
  png[60] ^= std::byte{1};
  const auto picture = read(png);
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code, ErrorCode::kDecodeFailed);
}

TEST(PngCodec, TakesAMissingEndChunkForNoLoss) {
  Bytes png = made::png(made::png_source(made::four_corners(kSize)));
  png.resize(png.size() - 12);
  const auto picture = read(png);
  ASSERT_TRUE(picture) << picture.error().message;
  EXPECT_EQ(picture->rgb, made::four_corners(kSize).rgb);
}

TEST(PngCodec, SaysThatACutPictureIsIncomplete) {
  for (const bool interlaced : {false, true}) {
    PngSource source = made::png_source(made::four_corners(kSize));
    source.interlaced = interlaced;
    Bytes png = made::png(source);
    png.resize(png.size() / 2);
    const auto picture = read(png);
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().code, ErrorCode::kDecodeFailed);
    EXPECT_THAT(picture.error().message, HasSubstr("incomplete"));
  }
}

TEST(PngCodec, RefusesColourTypesThatDoNotExist) {
  Bytes png = made::png(made::png_source(made::four_corners(kSize)));
  for (const int type : {1, 5, 7, 255}) {
    Bytes header(png.begin() + 16, png.begin() + 29);
    header[9] = static_cast<std::byte>(type);
    const Bytes chunk = made::png_chunk("IHDR", header);
    std::copy(chunk.begin(), chunk.end(), png.begin() + 8);
    EXPECT_EQ(read(png).error().code, ErrorCode::kDecodeFailed) << type;
  }
}

}  // namespace
}  // namespace curlew
