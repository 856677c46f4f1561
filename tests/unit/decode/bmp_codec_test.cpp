#include "curlew/decode/bmp_codec.hpp"

#include <gtest/gtest.h>

#include "unit/decode/codec_expectations.hpp"
#include "unit/decode/made_bmp.hpp"

namespace curlew {
namespace {

using made::BmpOptions;
using made::Bytes;
using made::Picture;

constexpr SizePx kSize{.width = 21, .height = 13};

Result<Picture> read(const Bytes& bytes) {
  const auto codec = make_bmp_codec();
  return made::read_all(*codec, bytes);
}

void expect_equal(const Bytes& bytes, const Picture& expected) { made::expect_equal(read(bytes), expected); }

TEST(BmpCodec, ReadsTrueColourFromBothEndsWithEveryHeader) {
  const Picture picture = made::noise(kSize, 2);
  for (const int header : {12, 40, 108, 124}) {
    expect_equal(made::bmp(kSize, made::words(picture), {.header_bytes = header}), picture);
    if (header == 12) continue;
    expect_equal(made::bmp(kSize, made::words(picture), {.top_down = true, .header_bytes = header}), picture);
    expect_equal(made::bmp(kSize, made::words(picture), {.bits = 32, .header_bytes = header}), picture);
  }
}

TEST(BmpCodec, ReadsPalettesOfEveryDepth) {
  for (const int bits : {1, 4, 8}) {
    for (const int header : {12, 40}) {
      const unsigned entries = 1U << static_cast<unsigned>(bits);
      BmpOptions options{.bits = bits, .header_bytes = header};
      for (unsigned i = 0; i < entries; ++i) {
        options.palette.push_back({static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(255 - i), 9});
      }
      std::vector<std::uint32_t> indices;
      Picture expected(kSize);
      for (std::size_t i = 0; i < expected.rgb.size() / 3; ++i) {
        indices.push_back(static_cast<std::uint32_t>(i * 5 % entries));
        std::copy_n(options.palette[indices.back()].data(), 3, expected.rgb.data() + i * 3);
      }
      expect_equal(made::bmp(kSize, indices, options), expected);
    }
  }
}

TEST(BmpCodec, TakesAnIndexBeyondThePaletteForBlack) {
  BmpOptions options{.bits = 8};
  options.palette = {{10, 20, 30}};
  const auto picture = read(made::bmp({.width = 2, .height = 1}, {0, 200}, options));
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->rgb, (std::vector<std::uint8_t>{10, 20, 30, 0, 0, 0}));
}

TEST(BmpCodec, ReadsSixteenBitsAndBitFields) {
  const auto one = [](std::uint32_t pixel, const BmpOptions& options) {
    return read(made::bmp({.width = 1, .height = 1}, {pixel}, options))->rgb;
  };
  EXPECT_EQ(one(0x7C00, {.bits = 16}), (std::vector<std::uint8_t>{255, 0, 0}));
  EXPECT_EQ(one(0x03E0, {.bits = 16}), (std::vector<std::uint8_t>{0, 255, 0}));
  EXPECT_EQ(one(0x07E0, {.bits = 16, .compression = 3, .masks = {0xF800, 0x07E0, 0x001F, 0}}),
            (std::vector<std::uint8_t>{0, 255, 0}));
  EXPECT_EQ(one(0x11223344, {.bits = 32, .compression = 3, .masks = {0xFF, 0xFF00, 0xFF0000, 0}}),
            (std::vector<std::uint8_t>{0x44, 0x33, 0x22}));
  EXPECT_EQ(one(0x3FF00000, {.bits = 32, .compression = 3, .masks = {0x3FF00000, 0xFFC00, 0x3FF, 0}}),
            (std::vector<std::uint8_t>{255, 0, 0}))
      << "ten bits a channel";
}

TEST(BmpCodec, LaysAlphaOverWhiteUnlessItWasForgotten) {
  const BmpOptions options{
      .bits = 32, .header_bytes = 124, .compression = 3, .masks = {0xFF0000, 0xFF00, 0xFF, 0xFF000000}};
  const auto half = read(made::bmp({.width = 2, .height = 1}, {0x80000000, 0xFF102030}, options));
  EXPECT_EQ(half->rgb, (std::vector<std::uint8_t>{127, 127, 127, 0x10, 0x20, 0x30}));
  const auto forgotten = read(made::bmp({.width = 2, .height = 1}, {0x00405060, 0x00102030}, options));
  EXPECT_EQ(forgotten->rgb, (std::vector<std::uint8_t>{0x40, 0x50, 0x60, 0x10, 0x20, 0x30}));
}

TEST(BmpCodec, CallsCompressedOnesUnsupported) {
  for (const std::uint32_t compression : {1U, 2U, 4U, 5U, 99U}) {
    BmpOptions options{.bits = 8, .compression = compression};
    options.palette = {{0, 0, 0}};
    EXPECT_EQ(read(made::bmp(kSize, std::vector<std::uint32_t>(std::size_t{21} * 13), options)).error().code,
              ErrorCode::kUnsupportedFormat);
  }
}

TEST(BmpCodec, MayLackThePaddingOfItsLastRowOnly) {
  const Picture picture = made::noise(kSize, 4);  // 63 bytes a row, 64 with padding
  Bytes bytes = made::bmp(kSize, made::words(picture));
  bytes.pop_back();
  expect_equal(bytes, picture);
  bytes.pop_back();
  EXPECT_EQ(read(bytes).error().code, ErrorCode::kDecodeFailed);
}

TEST(BmpCodec, RefusesSizesThatCannotBe) {
  const Bytes good = made::bmp(kSize, made::words(made::noise(kSize, 4)));
  const auto with = [&](std::size_t at, std::uint32_t value) {
    Bytes bytes = good;
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::byte>(value >> 8U * i & 0xFFU);
    return read(bytes);
  };
  for (const std::size_t at : {18U, 22U}) {
    EXPECT_EQ(with(at, 0).error().code, ErrorCode::kDecodeFailed);
    EXPECT_EQ(with(at, 0x80000000U).error().code, ErrorCode::kDecodeFailed);
    EXPECT_EQ(with(at, 0x7FFFFFFFU).error().code, ErrorCode::kDecodeFailed);
  }
  EXPECT_EQ(with(10, 0).error().code, ErrorCode::kDecodeFailed) << "pixels inside the header";
  EXPECT_EQ(with(10, 0xFFFFFFFFU).error().code, ErrorCode::kDecodeFailed) << "pixels behind the file";
}

}  // namespace
}  // namespace curlew
