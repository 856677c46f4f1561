#include "curlew/app/thumbnailer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "curlew/decode/picture_decoder.hpp"
#include "curlew/draw/draw_objects.hpp"

namespace curlew {
namespace {

std::pair<int, int> size_for(int width, int height) {
  const InputFormat format = thumbnail_format(width, height);
  EXPECT_EQ(format.fit, Fit{}) << "all of the picture, by the mean of its pixels";
  return {format.width_px, format.height_px};
}

TEST(Thumbnail, HasTheProportionsOfItsPicture) {
  EXPECT_EQ(size_for(4000, 3000), std::pair(192, 144));
  EXPECT_EQ(size_for(3000, 4000), std::pair(144, 192));
  EXPECT_EQ(size_for(1000, 1000), std::pair(192, 192));
  EXPECT_EQ(size_for(193, 100), std::pair(192, 99)) << "99.48, to the nearest";
  EXPECT_EQ(size_for(400, 201), std::pair(192, 96)) << "96.48";
}

TEST(Thumbnail, IsNeverLargerThanItsPicture) {
  EXPECT_EQ(size_for(192, 192), std::pair(192, 192));
  EXPECT_EQ(size_for(48, 40), std::pair(48, 40));
  EXPECT_EQ(size_for(1, 1), std::pair(1, 1));
}

TEST(Thumbnail, HasAPixelInEachDirection) {
  EXPECT_EQ(size_for(16'384, 1), std::pair(192, 1));
  EXPECT_EQ(size_for(1, 65'535), std::pair(1, 192));
  EXPECT_EQ(size_for(0, 0), std::pair(1, 1));
}

/// Red on the left, blue on the right.
std::string picture(int width, int height, DrawnFormat format) {
  std::vector<std::uint8_t> rgb;
  for (int i = 0; i < width * height; ++i) {
    const bool left = i % width < width / 2;
    rgb.insert(rgb.end(), {static_cast<std::uint8_t>(left ? 230 : 10), 20, static_cast<std::uint8_t>(left ? 10 : 230)});
  }
  return draw_objects({.width_px = width, .height_px = height, .rgb = rgb}, {}, format).value();
}

Item item(bool thumbnail) {
  Item made;
  made.batch = "b";
  made.index = 4;
  made.thumbnail = thumbnail;
  return made;
}

Success seen(int width, int height) {
  Success success;
  success.image.width_px = width;
  success.image.height_px = height;
  success.answer.predictions = {{.index = 1, .label = "gull", .score = 0.5F, .box = {}}};
  return success;
}

/// What the service does with a picture: once for the network, once more for this.
Success named(const std::string& file, bool thumbnail, Decoder& decoder) {
  Success success = seen(0, 0);
  std::vector<std::uint8_t> input(std::size_t{8} * 8 * 3);
  const auto bytes = std::as_bytes(std::span(file));
  auto decoded = decoder.decode_into(bytes, {.width_px = 8, .height_px = 8, .fit = {}}, input);
  EXPECT_TRUE(decoded);
  success.image = decoded->info;
  Thumbnailer().named(item(thumbnail), bytes, success, decoder);
  return success;
}

TEST(Thumbnailer, MakesASmallJpegOfThePicture) {
  for (const DrawnFormat format : {DrawnFormat::kJpeg, DrawnFormat::kPng}) {
    PictureDecoder decoder({});
    const Success success = named(picture(800, 600, format), true, decoder);
    const std::string& thumbnail = success.image.thumbnail;
    ASSERT_FALSE(thumbnail.empty());
    EXPECT_LT(thumbnail.size(), 4096U);
    std::vector<std::uint8_t> rgb(std::size_t{192} * 144 * 3);
    const auto read = PictureDecoder({}).decode_into(std::as_bytes(std::span(thumbnail)),
                                                     {.width_px = 192, .height_px = 144, .fit = {}}, rgb);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->info.format, PictureFormat::kJpeg);
    EXPECT_EQ(read->info.width_px, 192);
    EXPECT_EQ(read->info.height_px, 144);
    EXPECT_NEAR(rgb.at(0), 230, 8);
    EXPECT_NEAR(rgb.at((std::size_t{192} * 100 + 190) * 3 + 2), 230, 8);
    EXPECT_EQ(success.image.width_px, 800) << "the rest says what it said";
    EXPECT_EQ(success.answer.predictions.size(), 1U);
  }
}

/// Fills what is asked for with noise, or cannot be asked at all.
class NoiseDecoder : public Decoder {
 public:
  Result<DecodedPicture> decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                     std::span<std::uint8_t> rgb) override {
    ++calls;
    if (bytes.empty()) return failure(ErrorCode::kDecodeFailed, "the decoder is gone");
    EXPECT_EQ(rgb.size(), static_cast<std::size_t>(format.width_px) * static_cast<std::size_t>(format.height_px) * 3);
    std::mt19937 random(3);
    for (std::uint8_t& level : rgb) level = static_cast<std::uint8_t>(random());
    return DecodedPicture{};
  }
  int calls = 0;
};

TEST(Thumbnailer, DoesNothingWhereNoneWasAskedFor) {
  NoiseDecoder decoder;
  Success success = seen(640, 480);
  Thumbnailer().named(item(false), std::vector(3, std::byte{1}), success, decoder);
  EXPECT_EQ(success.image.thumbnail, "");
  EXPECT_EQ(decoder.calls, 0);
}

TEST(Thumbnailer, OneThatCannotBeMadeIsToldInTheLogAlone) {
  NoiseDecoder decoder;
  Success success = seen(640, 480);
  testing::internal::CaptureStderr();
  Thumbnailer().named(item(true), {}, success, decoder);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("item 4 of batch b has no thumbnail: the decoder is gone"),
            std::string::npos);
  EXPECT_EQ(success.image.thumbnail, "");
  EXPECT_EQ(success.answer.predictions.size(), 1U);
}

TEST(Thumbnailer, EvenNoiseHasRoomInWhatIsKept) {
  NoiseDecoder decoder;
  PictureInfo image;
  image.width_px = image.height_px = 5000;
  const auto made = make_thumbnail(std::vector(3, std::byte{1}), image, decoder);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_GT(made->size(), kMaxThumbnailBytes / 2) << "the limit is not far away";
  EXPECT_LE(made->size(), kMaxThumbnailBytes);
}

TEST(Thumbnailer, WorkersMakeThemAtTheSameTime) {
  const std::string file = picture(300, 200, DrawnFormat::kPng);
  Thumbnailer thumbnailer;
  std::vector<std::string> made(4);
  {
    std::vector<std::jthread> workers;
    for (std::string& mine : made) {
      workers.emplace_back([&] {
        PictureDecoder decoder({});
        Success success = seen(300, 200);
        thumbnailer.named(item(true), std::as_bytes(std::span(file)), success, decoder);
        mine = success.image.thumbnail;
      });
    }
  }
  EXPECT_FALSE(made[0].empty());
  EXPECT_EQ(std::ranges::count(made, made[0]), 4);
}

}  // namespace
}  // namespace curlew
