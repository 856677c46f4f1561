#include "curlew/decode/gif_codec.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "curlew/decode/picture_decoder.hpp"
#include "unit/decode/codec_expectations.hpp"
#include "unit/decode/made_gif.hpp"

namespace curlew {
namespace {

using made::Bytes;
using made::GifOptions;
using made::GifSource;
using made::Picture;
using ::testing::HasSubstr;

constexpr SizePx kSize{.width = 37, .height = 29};
constexpr std::size_t kHeaderBytes = 13;
constexpr std::size_t kPaletteBytes = 256 * 3;

Result<Picture> read(std::span<const std::byte> bytes) {
  const auto codec = make_gif_codec();
  return made::read_all(*codec, bytes);
}

void expect_equal(const Bytes& bytes, const Picture& expected) { made::expect_equal(read(bytes), expected); }

void expect_decode_failed(std::span<const std::byte> bytes, std::string_view why) {
  made::expect_decode_failed(read(bytes), why);
}

TEST(GifCodec, ReadsPlainAndInterlacedOfEitherPalette) {
  for (const int height : {1, 2, 3, 4, 5, 7, 8, 9, 29}) {
    const GifSource source = made::gif_source(made::noise({.width = 37, .height = height}, 1));
    for (const bool interlaced : {false, true}) {
      for (const bool local : {false, true}) {
        expect_equal(made::gif(source, {.interlaced = interlaced, .local_palette = local}), made::picture_of(source));
      }
    }
  }
}

TEST(GifCodec, ReadsPalettesOfFewColours) {
  for (const unsigned colours : {2U, 4U, 16U, 64U}) {
    GifSource source = made::gif_source(made::noise(kSize, 2));
    source.palette.resize(colours);
    for (auto& index : source.indices) index = static_cast<std::uint8_t>(index % colours);
    expect_equal(made::gif(source), made::picture_of(source));
  }
}

TEST(GifCodec, LaysWhatIsTransparentOverWhite) {
  const GifSource source = made::gif_source(made::four_corners(kSize));
  const std::uint8_t transparent = source.indices[100];
  GifSource expected = source;
  expected.palette[transparent] = {255, 255, 255};
  expect_equal(made::gif(source, {.transparent = transparent}), made::picture_of(expected));
}

TEST(GifCodec, ForgetsWhatWasTransparentInThePictureBefore) {
  const GifSource source = made::gif_source(made::four_corners(kSize));
  const auto codec = make_gif_codec();
  ASSERT_TRUE(made::read_all(*codec, made::gif(source, {.transparent = source.indices[100]})));
  const auto picture = made::read_all(*codec, made::gif(source));
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->rgb, made::picture_of(source).rgb);
}

TEST(GifCodec, PutsASmallerPictureOnAWhiteScreen) {
  const GifSource source = made::gif_source(made::noise(kSize, 3));
  const SizePx screen{.width = 60, .height = 50};
  for (const bool interlaced : {false, true}) {
    expect_equal(made::gif(source, {.interlaced = interlaced, .screen = screen, .left = 11, .top = 7}),
                 made::on_white(made::picture_of(source), screen, 11, 7));
  }
}

TEST(GifCodec, GrowsAScreenThatIsTooSmall) {
  const GifSource source = made::gif_source(made::noise(kSize, 4));
  expect_equal(made::gif(source, {.screen = SizePx{.width = 5, .height = 4}}), made::picture_of(source));
  expect_equal(made::gif(source, {.screen = SizePx{.width = 0, .height = 0}}), made::picture_of(source));
  expect_equal(made::gif(source, {.screen = SizePx{.width = 40, .height = 4}, .left = 10, .top = 1}),
               made::on_white(made::picture_of(source), {.width = 47, .height = 30}, 10, 1));
}

TEST(GifCodec, IsGreyWithoutAPalette) {
  GifSource source = made::gif_source(made::noise(kSize, 5));
  Bytes bytes = made::gif(source);
  bytes[10] &= std::byte{0x7F};  // "a palette follows"
  bytes.erase(bytes.begin() + kHeaderBytes, bytes.begin() + kHeaderBytes + kPaletteBytes);
  for (unsigned i = 0; i < 256; ++i) source.palette[i].fill(static_cast<std::uint8_t>(i));
  expect_equal(bytes, made::picture_of(source));
}

TEST(GifCodec, ShowsNumbersThatThePaletteDoesNotHaveAsBlack) {
  GifSource source = made::gif_source(made::noise(kSize, 6));
  Bytes bytes = made::gif(source);
  bytes[10] = (bytes[10] & std::byte{0xF8}) | std::byte{4};  // 32 colours
  bytes.erase(bytes.begin() + kHeaderBytes + 32 * 3, bytes.begin() + kHeaderBytes + kPaletteBytes);
  for (std::size_t i = 32; i < 256; ++i) source.palette[i] = {0, 0, 0};
  expect_equal(bytes, made::picture_of(source));
}

/// The bytes up to the end of the first of 1,000 pictures.
std::size_t end_of_first(const GifSource& source, const GifOptions& options) {
  return made::gif(source, options).size() - 1;  // without the trailer
}

TEST(GifCodec, ReadsNoByteBehindTheFirstOfAThousandPictures) {
  const GifSource source = made::gif_source(made::noise(kSize, 7));
  for (const bool interlaced : {false, true}) {
    GifOptions options{.interlaced = interlaced};
    const auto end = static_cast<std::ptrdiff_t>(end_of_first(source, options));
    options.pictures = 1000;
    Bytes bytes = made::gif(source, options);
    expect_equal(bytes, made::picture_of(source));
    std::fill(bytes.begin() + end, bytes.end(), std::byte{0xA5});
    expect_equal(bytes, made::picture_of(source));
    bytes.resize(static_cast<std::size_t>(end));
    bytes.shrink_to_fit();
    expect_equal(bytes, made::picture_of(source));
  }
}

TEST(GifCodec, IsCutShortNowhereWithoutNotice) {
  const GifSource source = made::gif_source(made::noise(kSize, 8));
  for (const bool interlaced : {false, true}) {
    const GifOptions options{.interlaced = interlaced, .transparent = 9};
    const Bytes whole = made::gif(source, options);
    for (std::size_t length = 0; length < end_of_first(source, options); ++length) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      ASSERT_NO_FATAL_FAILURE(expect_decode_failed(cut, "incomplete")) << length;
    }
  }
}

TEST(GifCodec, SaysWhereThereIsNoPicture) {
  Bytes bytes = made::gif(made::gif_source(made::noise(kSize, 9)));
  bytes.resize(kHeaderBytes + kPaletteBytes);
  bytes.push_back(std::byte{';'});
  expect_decode_failed(bytes, "no picture");
  bytes.back() = std::byte{'?'};
  expect_decode_failed(bytes, "damaged");
}

TEST(GifCodec, RefusesAPictureWithoutPixels) {
  for (const std::size_t side_at : {5U, 7U}) {
    Bytes bytes = made::gif(made::gif_source(made::noise(kSize, 10)));
    const std::size_t at = kHeaderBytes + kPaletteBytes + side_at;
    ASSERT_NE(bytes[at], std::byte{0});
    bytes[at] = std::byte{0};
    expect_decode_failed(bytes, "damaged");
  }
}

TEST(GifCodec, RefusesCodesThatAreTooLong) {
  Bytes bytes = made::gif(made::gif_source(made::noise(kSize, 11)));
  std::byte& code_bits = bytes[kHeaderBytes + kPaletteBytes + 10];
  ASSERT_EQ(code_bits, std::byte{8});
  for (const int bits : {9, 12, 255}) {
    code_bits = static_cast<std::byte>(bits);
    expect_decode_failed(bytes, "damaged");
  }
}

Bytes claiming(int width, int height, bool interlaced) {
  Bytes bytes = made::gif(made::gif_source(made::noise(kSize, 12)), {.interlaced = interlaced});
  const std::size_t at = kHeaderBytes + kPaletteBytes + 5;
  const int sides[] = {width, height};
  for (std::size_t i = 0; i < 2; ++i) {
    bytes[at + 2 * i] = static_cast<std::byte>(sides[i] & 0xFF);
    bytes[at + 2 * i + 1] = static_cast<std::byte>(sides[i] >> 8);
  }
  return bytes;
}

TEST(GifCodec, ChecksALargePictureAgainstItsBytesFirst) {
  const auto codec = make_gif_codec();
  for (const bool interlaced : {false, true}) {
    const Bytes bytes = claiming(7000, 7000, interlaced);
    ASSERT_TRUE(codec->open(bytes));
    made::Collector rows(7000);
    const auto read = codec->read(8, rows);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("incomplete"));
    EXPECT_TRUE(rows.rgb().empty());
  }
}

TEST(GifCodec, CountsThePicturesSizeNotOnlyTheScreens) {
  PictureDecoder decoder{DecodeLimits{}};
  const auto decoded = made::decode(decoder, claiming(65'535, 65'535, false), made::squashed(kSize));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kTooManyPixels);
}

}  // namespace
}  // namespace curlew
