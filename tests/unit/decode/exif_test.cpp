#include "curlew/decode/exif.hpp"

#include <gtest/gtest.h>

#include "unit/decode/made_jpeg.hpp"

namespace curlew {
namespace {

using namespace std::string_view_literals;

TEST(Exif, TellsAllOrientationsInBothByteOrders) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      EXPECT_EQ(orientation_of_exif(made::exif(orientation, big_endian)), static_cast<Orientation>(orientation));
    }
  }
}

TEST(Exif, TakesNonsenseForNothing) {
  EXPECT_EQ(orientation_of_exif(made::exif(0, true)), std::nullopt);
  EXPECT_EQ(orientation_of_exif(made::exif(9, false)), std::nullopt);
  EXPECT_EQ(orientation_of_exif({}), std::nullopt);
  EXPECT_EQ(orientation_of_exif(made::bytes_of("no TIFF at all")), std::nullopt);
}

TEST(Exif, NeverReadsBehindItsBytes) {
  const auto whole = made::exif(6, false, 3);
  const std::size_t value_end = 8 + 2 + 3 * 12 + 10;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const made::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(orientation_of_exif(cut).has_value(), length >= value_end) << length;
  }
}

TEST(Exif, SurvivesHostileOffsetsAndCounts) {
  for (const std::uint32_t offset : {0U, 7U, 0x7FFFFFFFU, 0xFFFFFFF8U, 0xFFFFFFFFU}) {
    made::Bytes tiff = made::bytes_of("II");
    made::append_number(tiff, 42, 2, false);
    made::append_number(tiff, offset, 4, false);
    made::append_number(tiff, 0xFFFF, 2, false);
    EXPECT_EQ(orientation_of_exif(tiff), std::nullopt) << offset;
  }
}

TEST(Exif, IsFoundBehindOtherSegments) {
  auto jpeg = made::with_exif(made::jpeg(made::four_corners({.width = 16, .height = 16})), made::exif(8, true));
  EXPECT_EQ(orientation_of_exif(exif_of_jpeg(jpeg)), Orientation::kTurnAnticlockwise);

  // An APP1 with XMP, a comment that holds a marker, and fill bytes before it.
  const auto before = made::bytes_of("\xFF\xE1\x00\x08http:/\xFF\xFE\x00\x04\xFF\xDA\xFF\xFF"sv);
  jpeg.insert(jpeg.begin() + 2, before.begin(), before.end());
  EXPECT_EQ(orientation_of_exif(exif_of_jpeg(jpeg)), Orientation::kTurnAnticlockwise);
}

TEST(Exif, IsNotLookedForInThePicturesData) {
  auto jpeg = made::jpeg(made::four_corners({.width = 16, .height = 16}));
  const auto segment = made::with_exif(made::bytes_of("\xFF\xD8"), made::exif(6, true));
  jpeg.insert(jpeg.end() - 2, segment.begin() + 2, segment.end());
  EXPECT_TRUE(exif_of_jpeg(jpeg).empty());
}

TEST(Exif, SurvivesAJpegCutAnywhere) {
  const auto whole = made::with_exif(made::jpeg(made::four_corners({.width = 16, .height = 16})), made::exif(6, true));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const made::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const auto found = orientation_of_exif(exif_of_jpeg(cut));
    EXPECT_TRUE(!found || *found == Orientation::kTurnClockwise);
  }
}

}  // namespace
}  // namespace curlew
