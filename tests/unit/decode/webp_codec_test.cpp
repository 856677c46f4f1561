#include "curlew/decode/webp_codec.hpp"

#include <gmock/gmock.h>

#include "curlew/decode/picture_decoder.hpp"
#include "unit/decode/made_jpeg.hpp"
#include "unit/decode/made_webp.hpp"

namespace curlew {
namespace {

using made::Bytes;
using made::Picture;
using made::WebpOptions;
using ::testing::Each;
using ::testing::HasSubstr;

constexpr SizePx kSize{.width = 45, .height = 31};

Result<Picture> read(const Bytes& bytes) {
  const auto codec = make_webp_codec();
  return made::read_all(*codec, bytes);
}

Result<StoredPicture> open(const Bytes& bytes) { return make_webp_codec()->open(bytes); }

std::vector<std::uint8_t> alpha_ramp(SizePx size) {
  std::vector<std::uint8_t> alpha;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) alpha.push_back(static_cast<std::uint8_t>(x * 255 / (size.width - 1)));
  }
  return alpha;
}

Picture over_white(const Picture& picture, const std::vector<std::uint8_t>& alpha) {
  Picture result = picture;
  for (std::size_t i = 0; i < result.rgb.size(); ++i) {
    const unsigned a = alpha[i / 3];
    result.rgb[i] = static_cast<std::uint8_t>((picture.rgb[i] * a + 255U * (255U - a) + 127U) / 255U);
  }
  return result;
}

TEST(WebpCodec, ReadsLosslessPicturesToTheBit) {
  for (const SizePx size : {kSize, {1, 1}, {1, 9}, {64, 1}}) {
    const Picture picture = made::noise(size, 3);
    const auto decoded = read(made::webp(picture));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->size, size);
    EXPECT_EQ(decoded->rgb, picture.rgb);
  }
}

TEST(WebpCodec, ReadsLossyPictures) {
  const Picture picture = made::four_corners(kSize);
  const auto decoded = read(made::webp(picture, {.lossless = false}));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_LT(made::mean_difference(decoded->rgb, picture.rgb), 3);
}

TEST(WebpCodec, LaysAlphaOverWhite) {
  const Picture picture = made::four_corners(kSize);
  const auto alpha = alpha_ramp(kSize);
  const Picture expected = over_white(picture, alpha);
  const auto lossless = read(made::webp(picture, {.alpha = alpha}));
  ASSERT_TRUE(lossless) << lossless.error().message;
  EXPECT_EQ(lossless->rgb, expected.rgb);
  const auto lossy = read(made::webp(picture, {.lossless = false, .alpha = alpha}));
  ASSERT_TRUE(lossy) << lossy.error().message;
  EXPECT_LT(made::mean_difference(lossy->rgb, expected.rgb), 3);
}

TEST(WebpCodec, TellsTheOrientationWhereverTheExifStands) {
  const Bytes picture = made::webp_picture(made::four_corners(kSize));
  for (int number = 1; number <= 8; ++number) {
    const Bytes tiff = made::exif(number, number % 2 == 0);
    Bytes named = made::bytes_of(std::string_view("Exif\0\0", 6));
    made::append(named, tiff);
    const Bytes canvas = made::webp_canvas(kSize, made::kWebpExif);
    for (const Bytes& exif : {made::webp_chunk("EXIF", tiff), made::webp_chunk("EXIF", named)}) {
      for (const Bytes& file : {made::webp_file({canvas, picture, exif}), made::webp_file({canvas, exif, picture})}) {
        const auto stored = open(file);
        ASSERT_TRUE(stored) << stored.error().message;
        EXPECT_EQ(static_cast<int>(stored->orientation), number);
        EXPECT_EQ(stored->size, kSize);
      }
    }
  }
}

TEST(WebpCodec, IsSetUprightByTheDecoder) {
  PictureDecoder decoder{DecodeLimits{}};
  const Picture upright = made::noise(kSize, 4);
  for (int number = 1; number <= 8; ++number) {
    const Picture stored = made::as_stored(upright, static_cast<Orientation>(number));
    const Bytes file = made::webp_file({made::webp_canvas(stored.size, made::kWebpExif), made::webp_picture(stored),
                                        made::webp_chunk("EXIF", made::exif(number, false))});
    const auto decoded = made::decode(decoder, file, made::squashed(kSize));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->rgb, upright.rgb) << number;
  }
}

TEST(WebpCodec, DoesNotShowAPictureOnItsSideBecauseItsExifWasCutOff) {
  const Bytes file =
      made::webp_file({made::webp_canvas(kSize, made::kWebpExif), made::webp_picture(made::four_corners(kSize)),
                       made::webp_chunk("EXIF", made::exif(6, false))});
  EXPECT_TRUE(read(file));
  const auto cut = read({file.begin(), file.end() - 10});
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().message, HasSubstr("incomplete"));
}

TEST(WebpCodec, HandsOnTheProfileUnlessItIsTooLong) {
  const Bytes picture = made::webp_picture(made::four_corners(kSize));
  const Bytes canvas = made::webp_canvas(kSize, made::kWebpProfile);
  const Bytes profile = made::bytes_of("not a profile, but its bytes");
  const auto stored = open(made::webp_file({canvas, made::webp_chunk("ICCP", profile), picture}));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->profile, profile);
  const Bytes longest(kMaxProfileBytes, std::byte{1});
  EXPECT_EQ(open(made::webp_file({canvas, made::webp_chunk("ICCP", longest), picture}))->profile, longest);
  const Bytes too_long(kMaxProfileBytes + 1, std::byte{1});
  const auto without = open(made::webp_file({canvas, made::webp_chunk("ICCP", too_long), picture}));
  ASSERT_TRUE(without);
  EXPECT_TRUE(without->profile.empty());
  EXPECT_TRUE(open(made::webp(made::four_corners(kSize)))->profile.empty());
}

Bytes animation(const Picture& first, const RectPx& place, SizePx canvas, const WebpOptions& options = {}) {
  std::vector<Bytes> chunks{made::webp_canvas(canvas, made::kWebpAnimated),
                            made::webp_chunk("ANIM", made::bytes_of(std::string_view("\xFF\0\0\xFF\0\0", 6))),
                            made::webp_frame(place, made::webp_picture(first, options))};
  for (unsigned i = 0; i < 3; ++i) {
    chunks.push_back(
        made::webp_frame({.x = 0, .y = 0, .width = 20, .height = 20}, made::webp_picture(made::noise({20, 20}, i))));
  }
  return made::webp_file(chunks);
}

TEST(WebpCodec, PutsTheFirstPictureOfAnAnimationOnAWhiteCanvas) {
  const SizePx canvas{.width = 70, .height = 60};
  const RectPx place{.x = 10, .y = 6, .width = kSize.width, .height = kSize.height};
  const Picture first = made::noise(kSize, 5);
  const auto opaque = read(animation(first, place, canvas));
  ASSERT_TRUE(opaque) << opaque.error().message;
  EXPECT_EQ(opaque->size, canvas);
  EXPECT_EQ(opaque->rgb, made::on_white(first, canvas, 10, 6).rgb);
  const auto alpha = alpha_ramp(kSize);
  const auto clear = read(animation(first, place, canvas, {.alpha = alpha}));
  ASSERT_TRUE(clear) << clear.error().message;
  EXPECT_EQ(clear->rgb, made::on_white(over_white(first, alpha), canvas, 10, 6).rgb);
}

TEST(WebpCodec, NeedsNothingOfAnAnimationBehindItsFirstPicture) {
  const Picture first = made::noise(kSize, 6);
  const RectPx place{.x = 0, .y = 0, .width = kSize.width, .height = kSize.height};
  const Bytes whole = animation(first, place, kSize);
  const std::size_t rest = std::size_t{12} + 18 + 14 + made::webp_frame(place, made::webp_picture(first)).size();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto decoded = read({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    // The last byte of the frame may be the padding of a chunk.
    if (length + 1 < rest) {
      ASSERT_FALSE(decoded) << length;
      EXPECT_EQ(decoded.error().code, ErrorCode::kDecodeFailed);
    } else if (length >= rest) {
      ASSERT_TRUE(decoded) << length << ": " << decoded.error().message;
      EXPECT_EQ(decoded->rgb, first.rgb);
    }
  }
  for (const std::byte nonsense : {std::byte{0}, std::byte{0x41}, std::byte{0xFF}}) {
    Bytes broken = whole;
    std::fill(broken.begin() + static_cast<std::ptrdiff_t>(rest), broken.end(), nonsense);
    EXPECT_TRUE(read(broken));
  }
}

TEST(WebpCodec, RefusesPicturesThatDoNotFitTheirCanvas) {
  const Picture picture = made::noise(kSize, 7);
  const auto error_of = [](const Bytes& bytes) {
    const auto decoded = read(bytes);
    return decoded ? ErrorCode::kInternal : decoded.error().code;
  };
  for (const SizePx canvas : {SizePx{46, 31}, {45, 30}, {1, 1}, {16'777'216, 16'777'216}}) {
    const Bytes still = made::webp_file({made::webp_canvas(canvas, 0), made::webp_picture(picture)});
    EXPECT_EQ(error_of(still), ErrorCode::kDecodeFailed) << canvas.width;
  }
  for (const RectPx& place :
       {RectPx{0, 0, 44, 31}, {0, 0, 45, 32}, {2, 0, 45, 31}, {0, 2, 45, 31}, {33'554'430, 0, 45, 31}}) {
    EXPECT_EQ(error_of(animation(picture, place, kSize)), ErrorCode::kDecodeFailed) << place.x << ' ' << place.y;
  }
}

TEST(WebpCodec, TellsTheSizeOfTheCanvasThoughThePictureIsCutOff) {
  const Picture picture = made::noise(kSize, 8);
  const Bytes file = made::webp(picture, {.lossless = false, .alpha = alpha_ramp(kSize)});
  const auto stored = open({file.begin(), file.begin() + 40});
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->size, kSize);
}

TEST(WebpCodec, IsCutShortNowhereWithoutNotice) {
  const Picture picture = made::noise(kSize, 9);
  const auto alpha = alpha_ramp(kSize);
  for (const WebpOptions& options : {WebpOptions{.lossless = true},
                                     {.lossless = false},
                                     {.lossless = true, .alpha = alpha},
                                     {.lossless = false, .alpha = alpha}}) {
    const Bytes whole = made::webp(picture, options);
    for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
      const auto decoded = read({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
      ASSERT_FALSE(decoded) << length << " of " << whole.size();
      EXPECT_EQ(decoded.error().code, ErrorCode::kDecodeFailed);
    }
    EXPECT_TRUE(read(whole));
  }
}

// The container is whole, and its lengths fit: only the coded picture itself is short.
TEST(WebpCodec, FindsThatACodedPictureIsShortInsideAWholeFile) {
  const Picture picture = made::noise(kSize, 10);
  for (const bool lossless : {true, false}) {
    const Bytes coded = made::webp_picture(picture, {.lossless = lossless});
    const std::string_view name = lossless ? "VP8L" : "VP8 ";
    for (const std::size_t keep : {coded.size() / 4, coded.size() / 2, coded.size() * 9 / 10}) {
      const auto decoded = read(made::webp_file({made::webp_chunk(name, std::span(coded).subspan(8, keep))}));
      ASSERT_FALSE(decoded) << name << keep;
      EXPECT_EQ(decoded.error().code, ErrorCode::kDecodeFailed);
    }
  }
}

TEST(WebpCodec, SaysWhereThereIsNoPicture) {
  for (const Bytes& file :
       {made::webp_file({}), made::webp_file({made::webp_canvas(kSize, 0)}),
        made::webp_file({made::webp_chunk("JUNK", made::bytes_of("junk"))}),
        made::webp_file({made::webp_canvas(kSize, made::kWebpAnimated), made::webp_frame({0, 0, 45, 31}, {})})}) {
    const auto decoded = read(file);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::kDecodeFailed);
  }
}

}  // namespace
}  // namespace curlew
