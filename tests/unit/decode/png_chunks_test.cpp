#include "curlew/decode/png_chunks.hpp"

#include <gtest/gtest.h>

#include "unit/decode/made_jpeg.hpp"
#include "unit/decode/made_png.hpp"

namespace curlew {
namespace {

using made::Bytes;

made::PngSource source() {
  auto png = made::png_source(made::four_corners({.width = 20, .height = 10}));
  png.data_chunk_bytes = 100;
  return png;
}

Bytes with_chunk_before(const Bytes& png, std::string_view before, const Bytes& chunk) {
  Bytes result = png;
  const std::string_view text(reinterpret_cast<const char*>(png.data()), png.size());
  const auto at = static_cast<std::ptrdiff_t>(text.find(before)) - 4;
  result.insert(result.begin() + at, chunk.begin(), chunk.end());
  return result;
}

TEST(PngChunks, ReadsTheHeader) {
  auto wanted = source();
  wanted.interlaced = true;
  const Bytes png = made::png(wanted);
  const auto chunks = read_png_chunks(png);
  ASSERT_TRUE(chunks);
  EXPECT_EQ(chunks->picture.size, (SizePx{.width = 20, .height = 10}));
  EXPECT_EQ(chunks->bit_depth, 8);
  EXPECT_EQ(chunks->colour_type, 2);
  EXPECT_TRUE(chunks->interlaced);
  EXPECT_FALSE(chunks->has_transparency);
  EXPECT_EQ(unpacked_bytes(*chunks), 20U * 10 * 3);
}

TEST(PngChunks, KeepsTheDataInOnePiece) {
  const Bytes png = made::png(source());
  const auto chunks = read_png_chunks(png);
  ASSERT_TRUE(chunks);
  EXPECT_GE(chunks->data_bytes, 20U * 10 * 3);
  EXPECT_EQ(chunks->parts[3].data() + chunks->parts[3].size(), png.data() + png.size() - 12) << "up to IEND";
}

TEST(PngChunks, LeavesOutProfilesTextsAndAnimation) {
  const Bytes plain = made::png(source());
  Bytes png = with_chunk_before(plain, "IDAT", made::png_chunk("iCCP", made::bytes_of("a profile")));
  png = with_chunk_before(png, "IDAT", made::png_chunk("zTXt", made::bytes_of("packed text")));
  png = with_chunk_before(png, "IEND", made::png_chunk("fdAT", made::bytes_of("a frame")));
  const auto chunks = read_png_chunks(png);
  const auto expected = read_png_chunks(plain);
  ASSERT_TRUE(chunks && expected);
  for (std::size_t i = 0; i < chunks->parts.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(chunks->parts[i], expected->parts[i])) << i;
  }
}

TEST(PngChunks, FindsTheProfileThatStandsBeforeThePixels) {
  const Bytes plain = made::png(source());
  const Bytes profile = made::bytes_of("a profile");
  const Bytes png = with_chunk_before(plain, "IDAT", made::png_chunk("iCCP", profile));
  EXPECT_TRUE(std::ranges::equal(read_png_chunks(png)->profile, profile));
  const Bytes late = with_chunk_before(plain, "IEND", made::png_chunk("iCCP", profile));
  EXPECT_TRUE(read_png_chunks(late)->profile.empty());
}

TEST(PngChunks, BelievesAnSrgbChunkMoreThanAProfile) {
  const Bytes profile = made::png_chunk("iCCP", made::bytes_of("a profile"));
  const Bytes srgb = made::png_chunk("sRGB", Bytes(1));
  Bytes before = with_chunk_before(made::png(source()), "IDAT", profile);
  before = with_chunk_before(before, "iCCP", srgb);
  EXPECT_TRUE(read_png_chunks(before)->profile.empty());
  Bytes after = with_chunk_before(made::png(source()), "IDAT", profile);
  after = with_chunk_before(after, "IDAT", srgb);
  EXPECT_TRUE(read_png_chunks(after)->profile.empty());
}

TEST(PngChunks, EndsTheDataAtTheFirstChunkOfAnotherKind) {
  const Bytes plain = made::png(source());
  const std::string_view text(reinterpret_cast<const char*>(plain.data()), plain.size());
  const std::size_t second = text.find("IDAT", text.find("IDAT") + 4) - 4;
  const Bytes between = made::png_chunk("tEXt", made::bytes_of("in between"));
  Bytes png = plain;
  png.insert(png.begin() + static_cast<std::ptrdiff_t>(second), between.begin(), between.end());
  const auto chunks = read_png_chunks(png);
  ASSERT_TRUE(chunks);
  EXPECT_EQ(chunks->parts[3].data() + chunks->parts[3].size(), png.data() + second);
  EXPECT_EQ(chunks->data_bytes, 100U);
}

TEST(PngChunks, FindsTheOrientationBeforeAndAfterTheData) {
  for (const std::string_view before : {"IDAT", "IEND"}) {
    const Bytes png = with_chunk_before(made::png(source()), before, made::png_chunk("eXIf", made::exif(6, true)));
    EXPECT_EQ(read_png_chunks(png)->picture.orientation, Orientation::kTurnClockwise) << before;
  }
}

TEST(PngChunks, CallsApplesVariantUnsupported) {
  const Bytes png =
      with_chunk_before(made::png(source()), "IHDR", made::png_chunk("CgBI", made::bytes_of("\x50\x20\x20\x06")));
  EXPECT_EQ(read_png_chunks(png).error().code, ErrorCode::kUnsupportedFormat);
}

TEST(PngChunks, RefusesHeadersThatCannotBe) {
  const Bytes good = made::png(source());
  Bytes no_width = good;
  no_width[19] = std::byte{0};
  EXPECT_EQ(read_png_chunks(no_width).error().code, ErrorCode::kDecodeFailed);
  Bytes negative = good;
  negative[16] = std::byte{0x80};
  EXPECT_EQ(read_png_chunks(negative).error().code, ErrorCode::kDecodeFailed);
  Bytes short_header = good;
  short_header[11] = std::byte{12};
  EXPECT_EQ(read_png_chunks(short_header).error().code, ErrorCode::kDecodeFailed);
}

TEST(PngChunks, SurvivesLengthsThatLeadOutOfTheFile) {
  const Bytes good = made::png(source());
  for (const unsigned char top : {'\x00', '\x7F', '\x80', '\xFF'}) {
    for (std::size_t at = 33; at < good.size(); at += 112) {
      Bytes png = good;
      png[at] = std::byte{top};
      png[at + 1] = std::byte{0xFF};
      const auto chunks = read_png_chunks(png);
      ASSERT_TRUE(chunks);
      for (const auto part : chunks->parts) EXPECT_LE(part.size(), png.size());
    }
  }
  for (std::size_t length = 0; length < good.size(); ++length) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(read_png_chunks(cut).has_value(), length >= 33) << length;
  }
}

}  // namespace
}  // namespace curlew
