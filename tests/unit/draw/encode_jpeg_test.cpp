#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "curlew/decode/picture_decoder.hpp"
#include "curlew/draw/encode.hpp"

namespace curlew {
namespace {

using Colours = JpegDetail::Colours;

/// Red and blue by turns, column by column, with a little of all colours in between.
std::vector<std::uint8_t> stripes(int width, int height) {
  std::vector<std::uint8_t> rgb;
  for (int i = 0; i < width * height; ++i) {
    const bool red = i % width % 2 == 0;
    rgb.push_back(red ? 220 : 20);
    rgb.push_back(static_cast<std::uint8_t>(i / width));
    rgb.push_back(red ? 20 : 220);
  }
  return rgb;
}

RgbView view_of(const std::vector<std::uint8_t>& rgb, int width, int height) {
  return {.width_px = width, .height_px = height, .rgb = rgb};
}

/// Sampling of brightness (high half-byte across, low one down) in the file's frame header.
int sampling(const std::string& jpeg) {
  const auto frame = jpeg.find(std::string("\xff\xc0\x00\x11\x08", 5));
  return frame == std::string::npos ? -1 : static_cast<unsigned char>(jpeg.at(frame + 11));
}

std::vector<std::uint8_t> read(const std::string& jpeg, int width, int height) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  PictureDecoder decoder({});
  const auto decoded =
      decoder.decode_into(std::as_bytes(std::span(jpeg)), {.width_px = width, .height_px = height, .fit = {}}, rgb);
  EXPECT_TRUE(decoded) << decoded.error().message;
  if (decoded) {
    EXPECT_EQ(decoded->info.width_px, width);
    EXPECT_EQ(decoded->info.height_px, height);
  }
  return rgb;
}

TEST(EncodeJpeg, KeepsTheColoursOfEachPixelOrOfEachFourAsAsked) {
  const auto rgb = stripes(64, 48);
  const auto fine = encode_jpeg(view_of(rgb, 64, 48), {});
  const auto coarse = encode_jpeg(view_of(rgb, 64, 48), {.quality = 92, .colours = Colours::kOfEachFour});
  ASSERT_TRUE(fine && coarse);
  EXPECT_EQ(sampling(*fine), 0x11);
  EXPECT_EQ(sampling(*coarse), 0x22);
  EXPECT_LT(coarse->size(), fine->size());
  EXPECT_NEAR(read(*fine, 64, 48).at(0), 220, 12);
  EXPECT_LT(read(*coarse, 64, 48).at(0), 180) << "what is a pixel wide runs into its neighbours";
}

TEST(EncodeJpeg, LessQualityIsASmallerFile) {
  const auto rgb = stripes(64, 48);
  const auto best = encode_jpeg(view_of(rgb, 64, 48), {.quality = 92, .colours = Colours::kOfEachFour});
  const auto good = encode_jpeg(view_of(rgb, 64, 48), {.quality = 72, .colours = Colours::kOfEachFour});
  ASSERT_TRUE(best && good);
  EXPECT_LT(good->size(), best->size());
}

TEST(EncodeJpeg, RgbAndBgrxAreTheSamePicture) {
  const auto rgb = stripes(31, 17);
  std::vector<std::uint8_t> bgrx;
  for (std::size_t i = 0; i < rgb.size(); i += 3) bgrx.insert(bgrx.end(), {rgb[i + 2], rgb[i + 1], rgb[i], 99});
  const auto from_rgb = encode_jpeg(view_of(rgb, 31, 17), {});
  const auto from_bgrx =
      encode_jpeg(BgrxRows{.first = bgrx.data(), .width_px = 31, .height_px = 17, .row_bytes = std::ptrdiff_t{31} * 4});
  ASSERT_TRUE(from_rgb && from_bgrx);
  EXPECT_EQ(*from_rgb, *from_bgrx);
}

TEST(EncodeJpeg, AnySizeMakesAFile) {
  for (const auto& [width, height] : {std::pair{1, 1}, {192, 1}, {1, 192}, {17, 3}}) {
    const auto rgb = stripes(width, height);
    const auto file = encode_jpeg(view_of(rgb, width, height), {.quality = 72, .colours = Colours::kOfEachFour});
    ASSERT_TRUE(file);
    read(*file, width, height);
  }
}

TEST(EncodeJpeg, ASideThatTheFormatCannotHoldIsAnError) {
  const auto rgb = stripes(70'000, 1);
  testing::internal::CaptureStderr();
  const auto file = encode_jpeg(view_of(rgb, 70'000, 1), {});
  testing::internal::GetCapturedStderr();
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace curlew
