#include "curlew/decode/avif_codec.hpp"

#include <avif/avif.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "curlew/decode/avif_library.hpp"
#include "curlew/decode/picture_decoder.hpp"
#include "unit/decode/codec_expectations.hpp"
#include "unit/decode/made_avif.hpp"
#include "unit/decode/made_jpeg.hpp"
#include "unit/decode/made_profiles.hpp"

namespace curlew {
namespace {

using made::AvifOptions;
using made::Bytes;
using made::Picture;
using ::testing::HasSubstr;

constexpr SizePx kSize{.width = 83, .height = 101};

const Picture& picture() {
  static const Picture kPicture = made::four_corners(kSize);
  return kPicture;
}

Result<Picture> read(const Bytes& bytes) {
  const auto codec = make_avif_codec();
  return made::read_all(*codec, bytes);
}

void expect_near(const Bytes& bytes, const Picture& expected, double mean) {
  made::expect_near(read(bytes), expected, mean);
}

TEST(AvifCodec, ReadsEveryDepthAndChroma) {
  for (const int depth : {8, 10, 12}) {
    for (const auto chroma : {AvifOptions::Chroma::kFull, AvifOptions::Chroma::kHalved}) {
      expect_near(made::avif(picture(), {.chroma = chroma, .depth = depth}), picture(), 1.5);
    }
  }
}

TEST(AvifCodec, ReadsGreyAsEqualChannels) {
  for (const int depth : {8, 10}) {
    const auto grey = read(made::avif(picture(), {.chroma = AvifOptions::Chroma::kNone, .depth = depth}));
    ASSERT_TRUE(grey) << grey.error().message;
    for (std::size_t i = 0; i < grey->rgb.size(); i += 3) {
      ASSERT_EQ(grey->rgb[i], grey->rgb[i + 1]);
      ASSERT_EQ(grey->rgb[i], grey->rgb[i + 2]);
    }
  }
}

// The library converts the whole at once; strips have to give the same, also where chroma is interpolated across them.
TEST(AvifCodec, GivesTheSameRowsAsTheWholeAtOnce) {
  const Picture noise = made::noise({.width = 64, .height = 131}, 4);
  for (const int depth : {8, 10}) {
    for (const auto chroma : {AvifOptions::Chroma::kFull, AvifOptions::Chroma::kHalved}) {
      const Bytes bytes = made::avif(noise, {.chroma = chroma, .depth = depth});
      const auto strips = read(bytes);
      ASSERT_TRUE(strips) << strips.error().message;
      avifDecoder* decoder = avifDecoderCreate();
      avifImage* image = avifImageCreateEmpty();
      ASSERT_EQ(
          avifDecoderReadMemory(decoder, image, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()),
          AVIF_RESULT_OK);
      avifRGBImage whole{};
      avifRGBImageSetDefaults(&whole, image);
      whole.depth = 8;
      avifRGBImageAllocatePixels(&whole);
      ASSERT_EQ(avifImageYUVToRGB(image, &whole), AVIF_RESULT_OK);
      for (int y = 0; y < noise.size.height; ++y) {
        for (int x = 0; x < noise.size.width; ++x) {
          const std::uint8_t* expected = whole.pixels + static_cast<std::size_t>(y) * whole.rowBytes + 4 * x;
          ASSERT_TRUE(std::equal(expected, expected + 3, strips->at(x, y))) << x << ", " << y << " depth " << depth;
        }
      }
      avifRGBImageFreePixels(&whole);
      avifImageDestroy(image);
      avifDecoderDestroy(decoder);
    }
  }
}

/// Falls from the left to the right.
std::vector<std::uint8_t> alpha_ramp() {
  std::vector<std::uint8_t> alpha;
  for (int i = 0; i < kSize.width * kSize.height; ++i) {
    alpha.push_back(static_cast<std::uint8_t>(255 - i % kSize.width * 3));
  }
  return alpha;
}

Picture over_white(const Picture& from, const std::vector<std::uint8_t>& alpha) {
  Picture result = from;
  for (std::size_t i = 0; i < result.rgb.size(); ++i) {
    const unsigned a = alpha[i / 3];
    result.rgb[i] = static_cast<std::uint8_t>((from.rgb[i] * a + 255 * (255 - a) + 127) / 255);
  }
  return result;
}

TEST(AvifCodec, LaysAlphaOverWhite) {
  const auto alpha = alpha_ramp();
  for (const int depth : {8, 10}) {
    expect_near(made::avif(picture(), {.depth = depth, .alpha = alpha}), over_white(picture(), alpha), 1.5);
  }
}

TEST(AvifCodec, LaysPremultipliedAlphaOverWhite) {
  const auto alpha = alpha_ramp();
  Picture multiplied = picture();
  for (std::size_t i = 0; i < multiplied.rgb.size(); ++i) {
    multiplied.rgb[i] = static_cast<std::uint8_t>(multiplied.rgb[i] * alpha[i / 3] / 255);
  }
  expect_near(made::avif(multiplied, {.alpha = alpha, .premultiplied = true}), over_white(picture(), alpha), 2.0);
}

TEST(AvifCodec, TellsEveryTurnAndMirrorOfTheContainer) {
  using enum Orientation;
  // By [mirror][turns]: none, top to bottom, left to right.
  constexpr std::array<std::array<Orientation, 4>, 3> kExpected{
      {{kUpright, kTurnAnticlockwise, kUpsideDown, kTurnClockwise},
       {kFlipped, kTransposed, kMirrored, kTransversed},
       {kMirrored, kTransversed, kFlipped, kTransposed}}};
  const auto codec = make_avif_codec();
  for (std::size_t mirror = 0; mirror < 3; ++mirror) {
    for (std::size_t turns = 0; turns < 4; ++turns) {
      AvifOptions options;
      options.quarter_turns = static_cast<int>(turns);
      if (mirror > 0) options.mirror = static_cast<int>(mirror) - 1;
      const auto stored = codec->open(made::avif(picture(), options));
      ASSERT_TRUE(stored);
      EXPECT_EQ(stored->orientation, kExpected[mirror][turns]) << turns << " turns, mirror " << mirror;
    }
  }
}

TEST(AvifCodec, StandsUprightAsAPhoneTurnsIt) {
  PictureDecoder decoder{DecodeLimits{}};
  const Picture upright = made::four_corners({.width = 64, .height = 48});
  const Picture stored = made::as_stored(upright, Orientation::kTurnClockwise);
  const auto decoded =
      made::decode(decoder, made::avif(stored, {.quarter_turns = 3}), made::squashed({.width = 64, .height = 48}));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_LT(made::mean_difference(decoded->rgb, upright.rgb), 1.5);
}

TEST(AvifCodec, DoesNotTurnByExif) {
  const auto codec = make_avif_codec();
  const auto stored = codec->open(made::avif(picture(), {.exif = made::exif(6, true)}));
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->orientation, Orientation::kUpright);
}

TEST(AvifCodec, HandsOutTheProfile) {
  const auto codec = make_avif_codec();
  const Bytes profile = made::wide_profile();
  EXPECT_EQ(codec->open(made::avif(picture(), {.profile = profile}))->profile, profile);
  EXPECT_TRUE(codec->open(made::avif(picture()))->profile.empty());
}

TEST(AvifCodec, ReadsGrids) {
  const Picture wide = made::four_corners({.width = 256, .height = 80});
  for (const int columns : {2, 4}) expect_near(made::avif(wide, {.columns = columns}), wide, 1.5);
}

TEST(AvifCodec, ReadsTheFirstFrameOfASequence) { expect_near(made::avif(picture(), {.frames = 3}), picture(), 1.5); }

TEST(AvifCodec, SaysThatACutPictureIsDamaged) {
  const Bytes whole = made::avif(made::noise({.width = 64, .height = 64}, 9));
  for (std::size_t length = 0; length < whole.size(); length += 50) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const auto result = read(cut);
    ASSERT_FALSE(result) << length;
    EXPECT_EQ(result.error().code, ErrorCode::kDecodeFailed) << length;
  }
}

TEST(AvifCodec, ReadsAPictureThatDoesNotTellItsDepthOutside) {
  Bytes bytes = made::avif(picture());
  const std::size_t pixi = made::find_box(bytes, "pixi");
  ASSERT_LT(pixi, bytes.size());
  std::ranges::copy(made::bytes_of("free"), bytes.begin() + static_cast<std::ptrdiff_t>(pixi) + 4);
  expect_near(bytes, picture(), 1.5);
}

/// Writes the size that the container tells, which is not that of the frame.
Bytes with_size(Bytes bytes, unsigned width, unsigned height) {
  for (int n = 0;; ++n) {
    const std::size_t ispe = made::find_box(bytes, "ispe", n);
    if (ispe == bytes.size()) return bytes;
    Bytes size;
    made::append_number(size, width, 4, true);
    made::append_number(size, height, 4, true);
    std::ranges::copy(size, bytes.begin() + static_cast<std::ptrdiff_t>(ispe) + 12);
  }
}

TEST(AvifCodec, GivesAllRowsOfTheSizeThatTheContainerTells) {
  const Bytes whole = made::avif(picture(), {.chroma = AvifOptions::Chroma::kHalved, .alpha = alpha_ramp()});
  for (const SizePx size : {SizePx{.width = 83, .height = 150},
                            {.width = 83, .height = 90},
                            {.width = 160, .height = 101},
                            {.width = 70, .height = 101},
                            {.width = 1, .height = 1},
                            {.width = 500, .height = 500}}) {
    const Bytes bytes = with_size(whole, static_cast<unsigned>(size.width), static_cast<unsigned>(size.height));
    const auto result = read(bytes);
    if (result) {
      EXPECT_EQ(result->rgb.size(), static_cast<std::size_t>(size.width) * size.height * 3) << size.width;
    } else {
      EXPECT_EQ(result.error().code, ErrorCode::kDecodeFailed) << size.width;
    }
  }
}

TEST(AvifCodec, DecodesNoFrameThatIsFarLargerThanThePicture) {
  const Bytes frame = made::avif(made::four_corners({.width = 600, .height = 600}));
  const auto result = read(with_size(frame, 64, 64));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kDecodeFailed);
}

TEST(AvifCodec, RefusesMorePixelsThanTheLibraryTakes) {
  const auto result = read(with_size(made::avif(picture()), 30'000, 30'000));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTooManyPixels);
}

TEST(AvifCodec, LeavesRoomForFramesByTheNumberOfParts) {
  const SizePx size{.width = 4000, .height = 3000};
  const auto parts = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "infe";
    return made::bytes_of(text);
  };
  EXPECT_GE(most_frame_pixels(parts(1), size), 12'000'000U);
  EXPECT_LE(most_frame_pixels(parts(1), size), 25'000'000U);
  EXPECT_GE(most_frame_pixels(parts(99), size), 12'000'000U / 49) << "7 x 7 tiles, with alpha";
  EXPECT_LE(most_frame_pixels(parts(10'000), size), 100'000U);
  EXPECT_LE(most_frame_pixels({}, {.width = 60'000, .height = 60'000}), std::uint32_t{AVIF_DEFAULT_IMAGE_SIZE_LIMIT});
}

TEST(AvifLibrary, SaysWhichPackageBringsItWhereItIsMissing) {
  const auto library = open_avif_library("libavif.so.4711");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, ErrorCode::kUnsupportedFormat);
  EXPECT_THAT(library.error().message, HasSubstr("package libavif4711"));
}

TEST(AvifLibrary, RefusesALibraryThatIsAnother) {
  const auto library = open_avif_library("libm.so.6");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, ErrorCode::kUnsupportedFormat);
}

TEST(AvifLibrary, IsThereAheadOfTheFirstPicture) {
  EXPECT_TRUE(load_avif());
  EXPECT_TRUE(load_avif());
}

}  // namespace
}  // namespace curlew
