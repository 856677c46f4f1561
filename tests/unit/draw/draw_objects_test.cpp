#include "curlew/draw/draw_objects.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>
#include <vector>

#include "curlew/decode/picture_decoder.hpp"
#include "curlew/draw/layout.hpp"
#include "curlew/draw/typeface.hpp"

namespace curlew {
namespace {

struct Picture {
  PictureSize size;
  std::vector<std::uint8_t> rgb;

  Picture(int width, int height, std::uint8_t level)
      : size{.width_px = width, .height_px = height},
        rgb(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, level) {}
  RgbView view() const { return {.width_px = size.width_px, .height_px = size.height_px, .rgb = rgb}; }
  Rgb8 at(int x, int y) const {
    const std::size_t i =
        (static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width_px) + static_cast<std::size_t>(x)) * 3;
    return {.r = rgb[i], .g = rgb[i + 1], .b = rgb[i + 2]};
  }
};

int difference(Rgb8 a, Rgb8 b) { return std::max({std::abs(a.r - b.r), std::abs(a.g - b.g), std::abs(a.b - b.b)}); }

/// What a stranger's decoder makes of the file; at most `width` x `height`.
Picture read(const std::string& file, const PictureSize& size, PictureFormat expected) {
  Picture picture(size.width_px, size.height_px, 0);
  PictureDecoder decoder({});
  const auto decoded = decoder.decode_into(
      std::as_bytes(std::span(file)), {.width_px = size.width_px, .height_px = size.height_px, .fit = {}}, picture.rgb);
  EXPECT_TRUE(decoded) << decoded.error().message;
  if (decoded) {
    EXPECT_EQ(decoded->info.format, expected);
    EXPECT_EQ(decoded->info.width_px, size.width_px);
    EXPECT_EQ(decoded->info.height_px, size.height_px);
  }
  return picture;
}

Picture drawn(const Picture& picture, std::span<const Prediction> predictions, DrawnFormat format = DrawnFormat::kPng) {
  const auto file = draw_objects(picture.view(), predictions, format);
  EXPECT_TRUE(file) << file.error().message;
  return read(file.value_or(""), picture.size,
              format == DrawnFormat::kPng ? PictureFormat::kPng : PictureFormat::kJpeg);
}

const std::vector<Prediction> kDog = {
    {.index = 16, .label = "dog", .score = 0.87F, .box = Box{.x1 = 100, .y1 = 150, .x2 = 400, .y2 = 350}}};

/// The layout that drawing follows.
Drawing layout_of(const Picture& picture, std::span<const Prediction> predictions) {
  return layout_objects(picture.size, predictions, [](char32_t c) { return drawing_tools()->typeface.advance(c); });
}

Picture gradient(int width, int height) {
  Picture picture(width, height, 0);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<std::uint8_t>(i / 3 % 251 + i % 3);
  return picture;
}

TEST(DrawObjects, TheLineHasTheColourOfItsClassBetweenTwoCasings) {
  const Picture picture(640, 480, 128);
  const Picture result = drawn(picture, kDog);
  const Frame frame = layout_of(picture, kDog).objects.at(0).frame;
  const Rgb8 colour = class_colour(16);
  const Rgb8 ink = ink_on(colour);
  const int y = (frame.line_outside.y1 + frame.line_outside.y2) / 2;
  for (int x = frame.casing_outside.x1; x < frame.casing_inside.x1; ++x) {
    const bool line = x >= frame.line_outside.x1 && x < frame.line_inside.x1;
    EXPECT_EQ(result.at(x, y), line ? colour : ink) << x;
  }
}

TEST(DrawObjects, WhatIsNeitherLineNorPlateIsUntouched) {
  const Picture picture = gradient(640, 480);
  const Picture result = drawn(picture, kDog);
  const DrawnObject object = layout_of(picture, kDog).objects.at(0);
  const auto in = [](const PixelRect& r, int x, int y) { return x >= r.x1 && x < r.x2 && y >= r.y1 && y < r.y2; };
  for (int y = 0; y < 480; ++y) {
    for (int x = 0; x < 640; ++x) {
      const bool on_frame = in(object.frame.casing_outside, x, y) && !in(object.frame.casing_inside, x, y);
      if (on_frame || in(object.plate->rect, x, y)) continue;
      ASSERT_EQ(result.at(x, y), picture.at(x, y)) << x << ", " << y;
    }
  }
}

TEST(DrawObjects, ThePlateIsFilledAndHasInkOnIt) {
  const Picture picture(640, 480, 128);
  const Picture result = drawn(picture, kDog);
  const Drawing drawing = layout_of(picture, kDog);
  const DrawnObject& object = drawing.objects.at(0);
  ASSERT_TRUE(object.plate);
  const PixelRect& rect = object.plate->rect;
  const int casing = drawing.style.casing_px;
  int filled = 0;
  int inked = 0;
  for (int y = rect.y1 + casing; y < rect.y2 - casing; ++y) {
    for (int x = rect.x1 + casing; x < rect.x2 - casing; ++x) {
      filled += result.at(x, y) == object.colour ? 1 : 0;
      inked += difference(result.at(x, y), object.ink) < 40 ? 1 : 0;
    }
  }
  EXPECT_GT(filled, rect.area() / 2);
  EXPECT_GT(inked, rect.area() / 25) << "letters";
}

TEST(DrawObjects, APictureInWhichNothingWasFoundStaysAsItIs) {
  const Picture picture = gradient(333, 77);
  EXPECT_EQ(drawn(picture, {}).rgb, picture.rgb);
}

TEST(DrawObjects, AJpegKeepsColouredLinesClean) {
  const Picture picture(640, 480, 128);
  const Picture result = drawn(picture, kDog, DrawnFormat::kJpeg);
  const Frame frame = layout_of(picture, kDog).objects.at(0).frame;
  const int x = (frame.line_outside.x1 + frame.line_inside.x1) / 2;
  const int y = (frame.line_outside.y1 + frame.line_outside.y2) / 2;
  EXPECT_LE(difference(result.at(x, y), class_colour(16)), 24);
  EXPECT_LE(difference(result.at(x + 30, y), picture.at(x + 30, y)), 3) << "nothing of it 30 pixels away";
}

TEST(DrawObjects, AnySizeAndAnyBoxMakesAFile) {
  const std::vector<Prediction> predictions = {
      {.index = 1, .label = "all", .score = 1.0F, .box = Box{.x1 = 0, .y1 = 0, .x2 = 9000, .y2 = 9000}},
      {.index = 2, .label = "\xFF\xFE\xF0\x9F\x90\xB6", .score = 0.5F, .box = Box{.x1 = 3, .y1 = 3, .x2 = 3, .y2 = 3}}};
  constexpr std::array<PictureSize, 8> kSizes = {PictureSize{1, 1}, {1, 300},   {300, 1},   {16, 16},
                                                 {64, 64},          {3000, 17}, {17, 3000}, {2000, 1500}};
  for (const PictureSize& size : kSizes) {
    for (const DrawnFormat format : {DrawnFormat::kPng, DrawnFormat::kJpeg}) {
      drawn(Picture(size.width_px, size.height_px, 200), predictions, format);
    }
  }
}

TEST(DrawObjects, APictureTooWideForTheCanvasIsAnError) {
  const Picture picture(40'000, 1, 0);
  const auto file = draw_objects(picture.view(), {}, DrawnFormat::kPng);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kInternal);
  EXPECT_NE(file.error().message.find("32,767"), std::string::npos) << file.error().message;
}

TEST(DrawObjects, ManyThreadsDrawTheSameAsOne) {
  const Picture picture(320, 240, 90);
  std::vector<std::vector<Prediction>> all;
  for (int i = 0; i < 8; ++i) {
    const auto offset = static_cast<float>(10 * i);
    all.push_back({{.index = i,
                    .label = std::string(1, static_cast<char>('a' + i)) + "bcdefgh",
                    .score = 0.5F,
                    .box = Box{.x1 = offset, .y1 = 40, .x2 = offset + 20 + offset, .y2 = 60 + 2 * offset}}});
  }
  std::vector<std::string> expected;
  for (const auto& predictions : all)
    expected.push_back(draw_objects(picture.view(), predictions, DrawnFormat::kPng).value());
  std::vector<std::thread> threads;
  std::array<int, 4> wrong{};
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 40; ++i) {
        const std::size_t which = (i * (t + 1) + t) % all.size();
        if (draw_objects(picture.view(), all[which], DrawnFormat::kPng).value_or("") != expected[which]) ++wrong[t];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const int count : wrong) EXPECT_EQ(count, 0);
}

TEST(DrawObjects, FormatsThatLoseNothingStayWithoutLoss) {
  for (const PictureFormat came : {PictureFormat::kJpeg, PictureFormat::kWebp, PictureFormat::kAvif}) {
    EXPECT_EQ(file_ending(drawn_format(came)), ".jpg");
  }
  for (const PictureFormat came : {PictureFormat::kPng, PictureFormat::kGif, PictureFormat::kBmp}) {
    EXPECT_EQ(file_ending(drawn_format(came)), ".png");
  }
}

}  // namespace
}  // namespace curlew
