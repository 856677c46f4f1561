#include "curlew/decode/picture_decoder.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string>

#include "curlew/decode/colour.hpp"
#include "unit/decode/made_avif.hpp"
#include "unit/decode/made_bmp.hpp"
#include "unit/decode/made_jpeg.hpp"
#include "unit/decode/made_png.hpp"
#include "unit/decode/made_profiles.hpp"

namespace curlew {
namespace {

using namespace std::string_view_literals;

using made::Bytes;
using made::Picture;
using ::testing::HasSubstr;

constexpr SizePx kUpright{.width = 96, .height = 64};
constexpr SizePx kTo{.width = 24, .height = 32};

RectF whole(SizePx size) { return {.x = 0, .y = 0, .width = 1.0 * size.width, .height = 1.0 * size.height}; }

TEST(PictureDecoder, SetsJpegsOfAllOrientationsUpright) {
  PictureDecoder decoder{DecodeLimits{}};
  const Picture upright = made::four_corners(kUpright);
  const Picture expected = made::area_reference(upright, whole(kUpright), kTo);
  for (int number = 1; number <= 8; ++number) {
    const Bytes bytes = made::with_exif(made::jpeg(made::as_stored(upright, static_cast<Orientation>(number))),
                                        made::exif(number, number % 2 == 0));
    const auto decoded = made::decode(decoder, bytes, made::squashed(kTo));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->picture.info.width_px, kUpright.width) << number;
    EXPECT_EQ(decoded->picture.info.height_px, kUpright.height) << number;
    EXPECT_LT(made::mean_difference(decoded->rgb, expected.rgb), 2) << number;
  }
}

TEST(PictureDecoder, SetsPngsOfAllOrientationsUpright) {
  PictureDecoder decoder{DecodeLimits{}};
  const Picture upright = made::noise(kUpright, 3);
  const Picture expected = made::area_reference(upright, whole(kUpright), kTo);
  for (int number = 1; number <= 8; ++number) {
    auto source = made::png_source(made::as_stored(upright, static_cast<Orientation>(number)));
    source.exif = made::exif(number, true);
    const auto decoded = made::decode(decoder, made::png(source), made::squashed(kTo));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->picture.info.width_px, kUpright.width) << number;
    EXPECT_LE(made::largest_difference(decoded->rgb, expected.rgb), 1) << number;
  }
}

TEST(PictureDecoder, DecodesAtScaleWhatLooksLikeTheWhole) {
  PictureDecoder decoder{DecodeLimits{}};
  const SizePx size{.width = 509, .height = 383};
  const SizePx to{.width = 32, .height = 32};
  const Picture picture = made::four_corners(size);
  const auto decoded = made::decode(decoder, made::jpeg(picture, {.halves_chroma = true}), made::squashed(to));
  ASSERT_TRUE(decoded);
  EXPECT_LT(made::mean_difference(decoded->rgb, made::area_reference(picture, whole(size), to).rgb), 2);
}

TEST(PictureDecoder, LimitsBothSidesOfThePicture) {
  PictureDecoder decoder({.pixels = 1'000'000, .side_px = 100});
  const auto error_of = [&](SizePx size) {
    const Bytes bytes = made::bmp(size, made::words(made::noise(size, 1)));
    const auto decoded = made::decode(decoder, bytes, made::squashed(kTo));
    return decoded ? std::nullopt : std::optional(decoded.error().code);
  };
  EXPECT_EQ(error_of({.width = 100, .height = 100}), std::nullopt);
  EXPECT_EQ(error_of({.width = 101, .height = 5}), ErrorCode::kTooManyPixels);
  EXPECT_EQ(error_of({.width = 5, .height = 101}), ErrorCode::kTooManyPixels);
}

TEST(PictureDecoder, FillsWhatALetterboxLeaves) {
  PictureDecoder decoder{DecodeLimits{}};
  Picture white({.width = 40, .height = 20});
  std::ranges::fill(white.rgb, std::uint8_t{255});
  InputFormat format = made::squashed({.width = 16, .height = 16});
  format.fit.kind = Fit::Kind::kLetterbox;
  const auto decoded = made::decode(decoder, made::bmp(white.size, made::words(white)), format);
  ASSERT_TRUE(decoded);
  for (std::size_t i = 0; i < decoded->rgb.size(); ++i)
    ASSERT_EQ(decoded->rgb[i], i < std::size_t{16} * 8 * 3 ? 255 : 114) << i;
  EXPECT_DOUBLE_EQ(decoded->picture.placement.scale_x, 0.4);
  EXPECT_DOUBLE_EQ(decoded->picture.placement.scale_y, 0.4);
  EXPECT_EQ(decoded->picture.placement.original_width_px, 40);
}

TEST(PictureDecoder, CutsTheMiddleOfATurnedPicture) {
  PictureDecoder decoder{DecodeLimits{}};
  const Picture upright = made::noise({.width = 50, .height = 90}, 5);
  auto source = made::png_source(made::as_stored(upright, Orientation::kTurnClockwise));
  source.exif = made::exif(6, false);
  InputFormat format = made::squashed({.width = 10, .height = 10});
  format.fit.kind = Fit::Kind::kCentreCrop;
  format.fit.crop_fraction = 0.5F;
  const auto decoded = made::decode(decoder, made::png(source), format);
  ASSERT_TRUE(decoded);
  const RectF square{.x = 12.5, .y = 32.5, .width = 25, .height = 25};
  const Picture expected = made::area_reference(upright, square, {.width = 10, .height = 10});
  EXPECT_LE(made::largest_difference(decoded->rgb, expected.rgb), 1);
}

Picture flat(SizePx size, const std::array<std::uint8_t, 3>& colour) {
  Picture picture(size);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = colour[i % 3];
  return picture;
}

Bytes png_with_profile(const Picture& picture, const Bytes& profile) {
  Bytes png = made::png(made::png_source(picture));
  Bytes body = made::bytes_of("a\0\0"sv);
  made::append(body, made::packed(profile));
  const Bytes chunk = made::png_chunk("iCCP", body);
  png.insert(png.begin() + 33, chunk.begin(), chunk.end());
  return png;
}

void expect_flat(const Result<made::Decoded>& decoded, const std::array<std::uint8_t, 3>& colour, int tolerance) {
  ASSERT_TRUE(decoded) << decoded.error().message;
  for (std::size_t i = 0; i < decoded->rgb.size(); ++i) {
    ASSERT_NEAR(decoded->rgb[i], colour[i % 3], tolerance) << i;
  }
}

TEST(PictureDecoder, MakesSrgbOfPicturesWithAProfile) {
  PictureDecoder decoder{DecodeLimits{}};
  const Picture picture = flat(kUpright, {200, 100, 50});
  const Bytes profile = made::swapping_profile();
  const Bytes jpeg = made::with_segments(made::jpeg(picture), made::icc_segments(profile));
  expect_flat(made::decode(decoder, jpeg, made::squashed(kTo)), {100, 200, 50}, 5);
  expect_flat(made::decode(decoder, png_with_profile(picture, profile), made::squashed(kTo)), {100, 200, 50}, 4);
  expect_flat(made::decode(decoder, made::avif(picture, {.profile = profile}), made::squashed(kTo)), {100, 200, 50}, 6);
}

TEST(PictureDecoder, LeavesTheFillOfALetterboxOutOfTheProfile) {
  PictureDecoder decoder{DecodeLimits{}};
  InputFormat format = made::squashed({.width = 16, .height = 16});
  format.fit.kind = Fit::Kind::kLetterbox;
  const Picture white = flat({.width = 40, .height = 20}, {255, 255, 255});
  for (const Bytes& bytes :
       {png_with_profile(white, made::grey_profile(1.0)), png_with_profile(white, made::wide_profile()),
        made::with_segments(made::jpeg(white, {.colour = made::JpegOptions::Colour::kCmykAdobe}),
                            made::icc_segments(made::cmyk_profile()))}) {
    const auto decoded = made::decode(decoder, bytes, format);
    ASSERT_TRUE(decoded) << decoded.error().message;
    for (std::size_t i = std::size_t{16} * 8 * 3; i < decoded->rgb.size(); ++i) ASSERT_EQ(decoded->rgb[i], 114) << i;
  }
}

// made::jpeg prints with a fifth of black.
TEST(PictureDecoder, PrintsCmykByPlainFormula) {
  PictureDecoder decoder{DecodeLimits{}};
  for (const auto colour : {made::JpegOptions::Colour::kCmykPlain, made::JpegOptions::Colour::kCmykAdobe,
                            made::JpegOptions::Colour::kYcckAdobe}) {
    const Bytes bytes = made::jpeg(flat(kUpright, {200, 100, 50}), {.colour = colour});
    expect_flat(made::decode(decoder, bytes, made::squashed(kTo)), {160, 80, 40}, 3);
  }
}

TEST(PictureDecoder, PrintsCmykAsItsProfileTells) {
  PictureDecoder decoder{DecodeLimits{}};
  const Picture paper = flat(kUpright, {255, 255, 255});
  const Bytes profile = made::cmyk_profile();
  std::array<std::uint8_t, 3> expected{};
  ColourConverter().cmyk_to_srgb(profile, std::array<std::uint8_t, 4>{0, 0, 0, 51},
                                 {.first = expected.data(), .width = 1, .height = 1, .row_bytes = 3});
  EXPECT_NE(expected[0], 204);
  for (const auto colour : {made::JpegOptions::Colour::kCmykPlain, made::JpegOptions::Colour::kCmykAdobe}) {
    const Bytes bytes = made::with_segments(made::jpeg(paper, {.colour = colour}), made::icc_segments(profile));
    expect_flat(made::decode(decoder, bytes, made::squashed(kTo)), expected, 3);
  }
}

TEST(PictureDecoder, NamesAPictureWhoseProfileIsOfNoUse) {
  PictureDecoder decoder{DecodeLimits{}};
  const Picture picture = flat(kUpright, {200, 100, 50});
  for (const Bytes& profile : {made::cmyk_profile(), made::device_link(), made::bytes_of("nonsense")}) {
    expect_flat(made::decode(decoder, png_with_profile(picture, profile), made::squashed(kTo)), {200, 100, 50}, 0);
  }
}

TEST(PictureDecoderDeathTest, AbortsOverATensorOfTheWrongSize) {
  PictureDecoder decoder{DecodeLimits{}};
  std::vector<std::uint8_t> rgb(10);
  EXPECT_DEATH((void)decoder.decode_into({}, made::squashed(kTo), rgb), "");
}

/// A field of /proc/self/status in KiB.
std::optional<long> status_kib(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string name; status >> name; status.ignore(256, '\n')) {
    long kib = 0;
    if (name == field + ":" && status >> kib) return kib;
  }
  return std::nullopt;
}

/// How far the process's memory rose above what it was while `body` ran; nothing where the kernel does not tell.
template <class Body>
std::optional<long> peak_growth_kib(const Body& body) {
  std::ofstream("/proc/self/clear_refs") << "5" << std::flush;  // the peak begins anew
  const auto before = status_kib("VmRSS");
  const auto peak_before = status_kib("VmHWM");
  if (!before || !peak_before || *peak_before > *before + 1024) return std::nullopt;
  body();
  return *status_kib("VmHWM") - *before;
}

TEST(PictureDecoder, RefusesAHugePngForNextToNoMemory) {
  PictureDecoder decoder{DecodeLimits{}};
  const Bytes bytes = made::black_png({.width = 20'000, .height = 20'000});
  EXPECT_LT(bytes.size(), 64U * 1024);
  std::optional<Error> error;
  const auto growth = peak_growth_kib([&] { error = made::decode(decoder, bytes, made::squashed(kTo)).error(); });
  EXPECT_EQ(error->code, ErrorCode::kTooManyPixels);
  EXPECT_THAT(error->message, HasSubstr("20000 x 20000"));
  if (!growth) GTEST_SKIP() << "the kernel does not let the peak of memory be measured";
  EXPECT_LT(*growth, 1024);
}

constexpr std::byte kSevenThousand{0x1B};  // the upper byte of a number of two

Bytes tiny_jpeg_of_49_megapixels() {
  made::JpegOptions options;
  options.scans = made::JpegOptions::Scans::kProgressive;
  Bytes bytes = made::jpeg(made::four_corners(kUpright), options);
  const std::size_t frame = made::find_marker(bytes, 0xC2);
  bytes[frame + 5] = bytes[frame + 7] = kSevenThousand;
  return bytes;
}

Bytes tiny_png_of_49_megapixels() {
  auto source = made::png_source(made::four_corners(kUpright));
  source.interlaced = true;
  Bytes bytes = made::png(source);
  Bytes header(bytes.begin() + 16, bytes.begin() + 29);
  header[2] = header[6] = kSevenThousand;
  const Bytes chunk = made::png_chunk("IHDR", header);
  std::ranges::copy(chunk, bytes.begin() + 8);
  return bytes;
}

// These two kinds are held whole while they are read. Within the limits too, their header alone sets nothing aside.
TEST(PictureDecoder, SetsNothingAsideForAPictureThatTheBytesCannotHold) {
  PictureDecoder decoder{DecodeLimits{}};
  for (const Bytes& bytes : {tiny_jpeg_of_49_megapixels(), tiny_png_of_49_megapixels()}) {
    const auto before = status_kib("VmPeak");
    const auto decoded = made::decode(decoder, bytes, made::squashed(kTo));
    const auto after = status_kib("VmPeak");
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::kDecodeFailed);
    EXPECT_THAT(decoded.error().message, HasSubstr("incomplete"));
    if (!before || !after) GTEST_SKIP() << "the kernel does not tell the peak of memory";
    EXPECT_LT(*after - *before, 16 * 1024);
  }
}

TEST(PictureDecoder, DecodesALargePngRowByRow) {
  PictureDecoder decoder{DecodeLimits{}};
  const Bytes bytes = made::black_png({.width = 16'384, .height = 3'000});
  bool decoded = false;
  const auto growth = peak_growth_kib([&] { decoded = made::decode(decoder, bytes, made::squashed(kTo)).has_value(); });
  EXPECT_TRUE(decoded);
  if (!growth) GTEST_SKIP() << "the kernel does not let the peak of memory be measured";
  EXPECT_LT(*growth, 4 * 1024) << "49 megapixels, of which a few rows are held";
}

}  // namespace
}  // namespace curlew
