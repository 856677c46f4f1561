#include "curlew/decode/jpeg_codec.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "unit/decode/codec_expectations.hpp"
#include "unit/decode/made_jpeg.hpp"
#include "unit/decode/made_profiles.hpp"

namespace curlew {
namespace {

using made::Bytes;
using made::JpegOptions;
using made::Picture;
using ::testing::HasSubstr;

const Picture& picture() {
  static const Picture kPicture = made::four_corners({.width = 83, .height = 61});
  return kPicture;
}

Result<Picture> read(const Bytes& bytes) {
  const auto codec = make_jpeg_codec();
  return made::read_all(*codec, bytes);
}

void expect_near(const Bytes& bytes, const Picture& expected, double mean) {
  made::expect_near(read(bytes), expected, mean);
}

TEST(JpegCodec, ReadsEveryWayOfStoringColour) {
  for (const auto colour : {JpegOptions::Colour::kYcc, JpegOptions::Colour::kRgb}) {
    for (const auto scans :
         {JpegOptions::Scans::kOne, JpegOptions::Scans::kProgressive, JpegOptions::Scans::kOnePerChannel}) {
      for (const bool halves : {false, true}) {
        expect_near(made::jpeg(picture(), {.colour = colour, .scans = scans, .halves_chroma = halves}), picture(), 2.5);
      }
    }
  }
  expect_near(made::jpeg(picture(), {.arithmetic = true}), picture(), 2.5);
  expect_near(made::jpeg(picture(), {.restart_every = 2}), picture(), 2.5);
}

TEST(JpegCodec, ReadsGreyAsEqualChannels) {
  Picture expected = picture();
  for (std::size_t i = 0; i < expected.rgb.size(); i += 3) expected.rgb[i] = expected.rgb[i + 2] = expected.rgb[i + 1];
  expect_near(made::jpeg(picture(), {.colour = JpegOptions::Colour::kGrey}), expected, 1.5);
}

TEST(JpegCodec, GivesTheInksOfAdobesFormAndOfThePlainOne) {
  std::vector<std::uint8_t> inks;
  for (std::size_t i = 0; i < picture().rgb.size(); ++i) {
    inks.push_back(static_cast<std::uint8_t>(255 - picture().rgb[i]));
    if (i % 3 == 2) inks.push_back(255 - 204);
  }
  for (const auto colour :
       {JpegOptions::Colour::kCmykPlain, JpegOptions::Colour::kCmykAdobe, JpegOptions::Colour::kYcckAdobe}) {
    const auto codec = make_jpeg_codec();
    const Bytes bytes = made::jpeg(picture(), {.colour = colour});
    EXPECT_EQ(codec->open(bytes)->channels, 4);
    const auto result = made::read_all(*codec, bytes);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_LT(made::mean_difference(result->rgb, inks), 2.5);
  }
}

TEST(JpegCodec, HandsOutTheProfile) {
  const Bytes profile = made::wide_profile();
  const auto codec = make_jpeg_codec();
  const Bytes bytes = made::with_segments(made::jpeg(picture()), made::icc_segments(profile, 300));
  EXPECT_EQ(codec->open(bytes)->profile, profile);
  EXPECT_TRUE(codec->open(made::jpeg(picture()))->profile.empty());
}

TEST(JpegCodec, ScalesToTheSizeThatGeometryPromises) {
  const auto codec = make_jpeg_codec();
  const Bytes bytes = made::jpeg(picture(), {.halves_chroma = true});
  for (const int eighths : {1, 2, 4, 8}) {
    ASSERT_TRUE(codec->open(bytes));
    made::Collector rows((picture().size.width * eighths + 7) / 8);
    ASSERT_TRUE(codec->read(eighths, rows));
    const int height = (picture().size.height * eighths + 7) / 8;
    EXPECT_EQ(rows.rgb().size(), static_cast<std::size_t>((picture().size.width * eighths + 7) / 8 * height * 3));
  }
}

TEST(JpegCodec, TakesAMissingEndMarkerOfASingleScanForNoLoss) {
  Bytes bytes = made::jpeg(picture());
  const auto whole = read(bytes);
  bytes.resize(bytes.size() - 2);
  const auto cut = read(bytes);
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_EQ(cut->rgb, whole->rgb);
}

TEST(JpegCodec, TakesStrayBytesBeforeAMarkerForNoLoss) {
  Bytes bytes = made::jpeg(picture());
  const auto whole = read(bytes);
  const Bytes stray(24, std::byte{0x55});
  bytes.insert(bytes.end() - 2, stray.begin(), stray.end());
  const auto at = static_cast<std::ptrdiff_t>(made::find_marker(bytes, 0xDB));
  bytes.insert(bytes.begin() + at, stray.begin(), stray.begin() + 4);
  const auto odd = read(bytes);
  ASSERT_TRUE(odd) << odd.error().message;
  EXPECT_EQ(odd->rgb, whole->rgb);
}

TEST(JpegCodec, SaysThatACutPictureIsIncomplete) {
  for (const auto scans :
       {JpegOptions::Scans::kOne, JpegOptions::Scans::kProgressive, JpegOptions::Scans::kOnePerChannel}) {
    Bytes bytes = made::jpeg(picture(), {.scans = scans});
    bytes.resize(bytes.size() * 3 / 4);
    const auto cut = read(bytes);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::kDecodeFailed);
    EXPECT_THAT(cut.error().message, HasSubstr("incomplete"));
  }
}

TEST(JpegCodec, RefusesAPictureThatLacksScans) {
  Bytes progressive = made::jpeg(picture(), {.scans = JpegOptions::Scans::kProgressive});
  progressive.resize(made::find_marker(progressive, 0xDA, 4));  // between two scans: no block is cut
  EXPECT_EQ(read(progressive).error().code, ErrorCode::kDecodeFailed);

  Bytes channel = made::jpeg(picture(), {.scans = JpegOptions::Scans::kOnePerChannel});
  channel.resize(made::find_marker(channel, 0xDA, 1));
  made::append(channel, made::bytes_of("\xFF\xD9"));
  EXPECT_EQ(read(channel).error().code, ErrorCode::kDecodeFailed);
}

TEST(JpegCodec, RefusesAPictureThatLacksARestartInterval) {
  Bytes bytes = made::jpeg(picture(), {.restart_every = 1});
  const auto from = static_cast<std::ptrdiff_t>(made::find_marker(bytes, 0xD2));
  const auto to = static_cast<std::ptrdiff_t>(made::find_marker(bytes, 0xD4));
  bytes.erase(bytes.begin() + from, bytes.begin() + to);
  EXPECT_EQ(read(bytes).error().code, ErrorCode::kDecodeFailed);
}

TEST(JpegCodec, RefusesMoreScansThanAnyoneNeeds) {
  Bytes bytes = made::jpeg(picture(), {.scans = JpegOptions::Scans::kProgressive});
  // The first scan again and again: it holds whole values, which do not depend on those before.
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(made::find_marker(bytes, 0xDA));
  const auto end = std::adjacent_find(
      begin + 2, bytes.end(), [](std::byte a, std::byte b) { return a == std::byte{0xFF} && b != std::byte{0}; });
  const Bytes scan(begin, end);
  Bytes scans;
  for (int i = 0; i < most_jpeg_scans(picture().size); ++i) made::append(scans, scan);
  bytes.insert(end, scans.begin(), scans.end());
  const auto refused = read(bytes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDecodeFailed);
  EXPECT_THAT(refused.error().message, HasSubstr("scans"));
}

TEST(JpegCodec, AllowsFewerScansTheLargerThePicture) {
  EXPECT_EQ(most_jpeg_scans({.width = 1, .height = 1}), 100);
  EXPECT_EQ(most_jpeg_scans({.width = 4000, .height = 2500}), 100);
  EXPECT_EQ(most_jpeg_scans({.width = 5000, .height = 5000}), 40);
  EXPECT_EQ(most_jpeg_scans({.width = 16'384, .height = 16'384}), 20);
}

TEST(JpegCodec, CallsLosslessAndTwelveBitsUnsupported) {
  Bytes lossless = made::jpeg(picture());
  lossless[made::find_marker(lossless, 0xC0) + 1] = std::byte{0xC3};
  EXPECT_EQ(read(lossless).error().code, ErrorCode::kUnsupportedFormat);
  Bytes twelve = made::jpeg(picture());
  twelve[made::find_marker(twelve, 0xC0) + 4] = std::byte{12};
  EXPECT_EQ(read(twelve).error().code, ErrorCode::kUnsupportedFormat);
}

TEST(JpegCodec, TellsTheOrientationOfItsExif) {
  const auto codec = make_jpeg_codec();
  const Bytes bytes = made::with_exif(made::jpeg(picture()), made::exif(7, false));
  EXPECT_EQ(codec->open(bytes)->orientation, Orientation::kTransversed);
}

}  // namespace
}  // namespace curlew
