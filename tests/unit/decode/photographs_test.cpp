#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "curlew/decode/picture_decoder.hpp"
#include "unit/decode/made_pictures.hpp"

namespace curlew {
namespace {

/// A photograph, and the mean of each channel over all its pixels as another decoder sees them.
struct Photograph {
  const char* name;
  SizePx size;
  PictureFormat format;
  double mean[3];
};

// Means by Pillow 13.
constexpr Photograph kPhotographs[] = {
    {"Eumomota_superciliosa.jpeg", {741, 613}, PictureFormat::kJpeg, {88.8, 94.4, 85.3}},
    {"bird.bmp", {512, 343}, PictureFormat::kBmp, {90.6, 98.2, 60.2}},
    {"cat_1080p.jpg", {1920, 1080}, PictureFormat::kJpeg, {156.8, 103.2, 81.0}},
    {"dog.jpg", {768, 576}, PictureFormat::kJpeg, {134.4, 135.7, 114.1}},
    {"hot_dog.jpg", {512, 384}, PictureFormat::kJpeg, {55.2, 59.5, 41.1}},
    {"kite_and_cold.jpg", {1352, 900}, PictureFormat::kJpeg, {210.2, 197.8, 185.8}},
    {"owl.jpg", {512, 384}, PictureFormat::kJpeg, {95.9, 111.2, 72.9}},
    {"parrot.jpg", {512, 929}, PictureFormat::kJpeg, {147.6, 130.9, 117.2}},
    {"pets.jpg", {512, 430}, PictureFormat::kJpeg, {97.9, 115.6, 71.8}},
    {"phalacrocorax_varius.jpeg", {1080, 864}, PictureFormat::kJpeg, {62.8, 72.5, 40.7}},
};

std::optional<std::filesystem::path> folder() {
  const char* path = std::getenv("CURLEW_TEST_IMAGES");
  if (path == nullptr) return std::nullopt;
  return path;
}

made::Bytes load(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return made::bytes_of(text);
}

TEST(Photographs, HaveTheSizeAndTheColoursThatOthersSee) {
  if (!folder()) GTEST_SKIP() << "CURLEW_TEST_IMAGES is not set: no photographs to decode";
  PictureDecoder decoder{DecodeLimits{}};
  for (const Photograph& photograph : kPhotographs) {
    const auto bytes = load(*folder() / photograph.name);
    for (const auto filter : {Fit::Filter::kArea, Fit::Filter::kBilinear}) {
      const auto decoded = made::decode(decoder, bytes, made::squashed({.width = 224, .height = 224}, filter));
      ASSERT_TRUE(decoded) << photograph.name << ": " << decoded.error().message;
      EXPECT_EQ(decoded->picture.info.format, photograph.format);
      EXPECT_EQ(decoded->picture.info.width_px, photograph.size.width) << photograph.name;
      EXPECT_EQ(decoded->picture.info.height_px, photograph.size.height) << photograph.name;
      EXPECT_EQ(decoded->picture.info.bytes, bytes.size());
      for (std::size_t c = 0; c < 3; ++c) {
        double sum = 0;
        for (std::size_t i = c; i < decoded->rgb.size(); i += 3) sum += decoded->rgb[i];
        EXPECT_NEAR(sum / (224.0 * 224.0), photograph.mean[c], 1.0) << photograph.name;
      }
    }
  }
}

}  // namespace
}  // namespace curlew
