#include "curlew/decode/decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <tuple>

#include "curlew/decode/picture_decoder.hpp"
#include "curlew/spawn/spawned_decoder.hpp"
#include "unit/decode/made_avif.hpp"
#include "unit/decode/made_bmp.hpp"
#include "unit/decode/made_gif.hpp"
#include "unit/decode/made_jpeg.hpp"
#include "unit/decode/made_png.hpp"
#include "unit/decode/made_webp.hpp"

// What holds for every format that is read, however it is stored, and wherever it is decoded.

namespace curlew {
namespace {

using made::Bytes;
using made::Picture;

constexpr SizePx kSize{.width = 45, .height = 37};

struct Way {
  std::string name;
  PictureFormat format;
  std::function<Bytes(const Picture&)> write;
  double tolerance;  ///< mean difference in levels that the format itself brings
};

std::ostream& operator<<(std::ostream& out, const Way& way) { return out << way.name; }

Way jpeg_way(const std::string& name, const made::JpegOptions& options) {
  return {name, PictureFormat::kJpeg, [=](const Picture& picture) { return made::jpeg(picture, options); }, 3};
}

Bytes png_with_alpha(const Picture& picture) {
  made::PngSource source = made::png_source(picture);
  source.colour_type = 6;
  source.samples.clear();
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) {
    source.samples.push_back(picture.rgb[i]);
    if (i % 3 == 2) source.samples.push_back(255);
  }
  return made::png(source);
}

Bytes png_interlaced(const Picture& picture) {
  made::PngSource source = made::png_source(picture);
  source.interlaced = true;
  source.data_chunk_bytes = 500;
  return made::png(source);
}

/// Six levels a channel.
made::PngSource palette_source(const Picture& picture) {
  made::PngSource source;
  source.size = picture.size;
  source.colour_type = 3;
  for (int i = 0; i < 216; ++i) {
    source.palette.push_back({static_cast<std::uint8_t>(i / 36 * 51), static_cast<std::uint8_t>(i / 6 % 6 * 51),
                              static_cast<std::uint8_t>(i % 6 * 51)});
  }
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    const auto level = [&](std::size_t c) { return (picture.rgb[i + c] + 25) / 51; };
    source.samples.push_back(static_cast<std::uint16_t>(level(0) * 36 + level(1) * 6 + level(2)));
  }
  return source;
}

Bytes bmp_with_palette(const Picture& picture) {
  const made::PngSource source = palette_source(picture);
  made::BmpOptions options;
  options.bits = 8;
  options.palette = source.palette;
  return made::bmp(picture.size, {source.samples.begin(), source.samples.end()}, options);
}

Way webp_way(const std::string& name, const made::WebpOptions& options, double tolerance) {
  return {name, PictureFormat::kWebp, [=](const Picture& picture) { return made::webp(picture, options); }, tolerance};
}

/// What can be seen of it is all of it, but the file says that there is alpha.
made::WebpOptions with_alpha(bool lossless) {
  std::vector<std::uint8_t> alpha(static_cast<std::size_t>(kSize.width) * kSize.height, 255);
  alpha[0] = 254;
  return {.lossless = lossless, .alpha = alpha};
}

Way gif_way(const std::string& name, const made::GifOptions& options) {
  return {name, PictureFormat::kGif,
          [=](const Picture& picture) { return made::gif(made::gif_source(picture), options); }, 15};
}

Way avif_way(const std::string& name, const made::AvifOptions& options) {
  return {name, PictureFormat::kAvif, [=](const Picture& picture) { return made::avif(picture, options); }, 3};
}

std::vector<Way> ways() {
  using Scans = made::JpegOptions::Scans;
  made::JpegOptions progressive;
  progressive.scans = Scans::kProgressive;
  progressive.halves_chroma = true;
  made::JpegOptions by_channel;
  by_channel.scans = Scans::kOnePerChannel;
  made::JpegOptions restarting;
  restarting.restart_every = 3;
  made::JpegOptions arithmetic;
  arithmetic.arithmetic = true;
  return {
      jpeg_way("Jpeg", {}),
      jpeg_way("JpegProgressive", progressive),
      jpeg_way("JpegByChannel", by_channel),
      jpeg_way("JpegRestarting", restarting),
      jpeg_way("JpegArithmetic", arithmetic),
      {"Png", PictureFormat::kPng, [](const Picture& picture) { return made::png(made::png_source(picture)); }, 0},
      {"PngInterlaced", PictureFormat::kPng, png_interlaced, 0},
      {"PngAlpha", PictureFormat::kPng, png_with_alpha, 0},
      {"PngPalette", PictureFormat::kPng, [](const Picture& p) { return made::png(palette_source(p)); }, 15},
      {"Bmp", PictureFormat::kBmp, [](const Picture& p) { return made::bmp(p.size, made::words(p)); }, 0},
      {"BmpPalette", PictureFormat::kBmp, bmp_with_palette, 15},
      webp_way("WebpLossy", {.lossless = false}, 3),
      webp_way("WebpLossless", {.lossless = true}, 0),
      webp_way("WebpLossyAlpha", with_alpha(false), 3),
      webp_way("WebpLosslessAlpha", with_alpha(true), 0.01),
      avif_way("Avif", {}),
      avif_way("AvifHalvedChroma", {.chroma = made::AvifOptions::Chroma::kHalved}),
      avif_way("AvifTenBits", {.depth = 10}),
      avif_way("AvifAlpha",
               {.alpha = std::vector<std::uint8_t>(static_cast<std::size_t>(kSize.width) * kSize.height, 255)}),
      gif_way("Gif", {}),
      gif_way("GifInterlaced", {.interlaced = true}),
  };
}

/// An implementation of Decoder.
struct Implementation {
  std::string name;
  std::function<std::unique_ptr<Decoder>(const DecodeLimits&)> make;
};

std::unique_ptr<Decoder> spawned(const DecodeLimits& limits) {
  SpawnedDecoderOptions options;
  options.command.program = CURLEW_TEST_CHILD;
  options.limits = limits;
  return std::make_unique<SpawnedDecoder>(options);
}

std::vector<Implementation> implementations() {
  return {{"Here", [](const DecodeLimits& limits) { return std::make_unique<PictureDecoder>(limits); }},
          {"InAChild", spawned}};
}

std::ostream& operator<<(std::ostream& out, const Implementation& implementation) { return out << implementation.name; }

class DecoderContract : public ::testing::TestWithParam<std::tuple<Way, Implementation>> {
 protected:
  const Way& way() const { return std::get<0>(GetParam()); }
  Bytes written() const { return way().write(picture_); }
  Result<made::Decoded> decode(std::span<const std::byte> bytes) { return made::decode(*decoder_, bytes, format_); }
  static std::unique_ptr<Decoder> decoder(const DecodeLimits& limits) { return std::get<1>(GetParam()).make(limits); }

  const Picture picture_ = made::four_corners(kSize);
  std::unique_ptr<Decoder> decoder_ = decoder({});
  InputFormat format_ = made::squashed(kSize);
};

bool is_item_error(ErrorCode code) {
  return code == ErrorCode::kNotAnImage || code == ErrorCode::kUnsupportedFormat || code == ErrorCode::kTooManyPixels ||
         code == ErrorCode::kDecodeFailed;
}

TEST_P(DecoderContract, GivesThePictureAndItsFacts) {
  const Bytes bytes = written();
  const auto decoded = decode(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->picture.info.format, way().format);
  EXPECT_EQ(decoded->picture.info.width_px, kSize.width);
  EXPECT_EQ(decoded->picture.info.height_px, kSize.height);
  EXPECT_EQ(decoded->picture.info.bytes, bytes.size());
  EXPECT_TRUE(decoded->picture.info.sha256.empty());
  EXPECT_EQ(decoded->picture.placement.original_width_px, kSize.width);
  EXPECT_LE(made::mean_difference(decoded->rgb, picture_.rgb), way().tolerance);
}

TEST_P(DecoderContract, ChecksTheLimitsOfTheHeader) {
  const Bytes bytes = written();
  const std::uint64_t pixels = std::uint64_t{45} * 37;
  EXPECT_TRUE(made::decode(*decoder({.pixels = pixels, .side_px = 45}), bytes, format_));
  for (const DecodeLimits& limits :
       {DecodeLimits{.pixels = pixels - 1, .side_px = 45}, {.pixels = pixels, .side_px = 44}}) {
    const auto refused = made::decode(*decoder(limits), bytes, format_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kTooManyPixels);
  }
}

TEST_P(DecoderContract, ChecksTheLimitsBeforeItNeedsAPixel) {
  Bytes bytes = written();
  bytes.resize(bytes.size() * 2 / 3);
  const auto refused = made::decode(*decoder({.pixels = 100, .side_px = 45}), bytes, format_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooManyPixels);
}

// Cut anywhere, a picture is an error, or nothing of it was lost.
TEST_P(DecoderContract, NeverPassesAPictureWhosePixelsWereCutOff) {
  const Bytes whole = written();
  const auto expected = decode(whole);
  ASSERT_TRUE(expected);
  std::size_t passed = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // A buffer of just this size, so that a sanitizer sees a read behind it.
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const auto decoded = decode(cut);
    if (decoded) {
      ++passed;
      EXPECT_TRUE(decoded->rgb == expected->rgb) << length << " of " << whole.size();
    } else {
      EXPECT_TRUE(is_item_error(decoded.error().code)) << length;
    }
  }
  EXPECT_LT(passed, 24U) << "only what follows the pixels may be missing";
}

TEST_P(DecoderContract, SurvivesFlippedBytes) {
  const Bytes whole = written();
  std::mt19937 random(11);
  for (int i = 0; i < 1500; ++i) {
    Bytes broken = whole;
    // Headers are the shorter and the more dangerous part: every second time only they are hit.
    const std::size_t reach = i % 2 == 0 ? whole.size() : std::min<std::size_t>(whole.size(), 700);
    for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
      broken[random() % reach] = static_cast<std::byte>(random());
    const auto decoded = decode(broken);
    if (!decoded) {
      EXPECT_TRUE(is_item_error(decoded.error().code)) << decoded.error().message;
      EXPECT_FALSE(decoded.error().message.empty());
    }
  }
}

TEST_P(DecoderContract, SurvivesPartsThatAreMissingOrTwice) {
  const Bytes whole = written();
  std::mt19937 random(12);
  for (int i = 0; i < 500; ++i) {
    const auto a = static_cast<std::ptrdiff_t>(random() % whole.size());
    const auto b = static_cast<std::ptrdiff_t>(random() % whole.size());
    Bytes broken = whole;
    if (i % 2 == 0) {
      broken.erase(broken.begin() + std::min(a, b), broken.begin() + std::max(a, b));
    } else {
      broken.insert(broken.begin() + a, whole.begin() + std::min(a, b), whole.begin() + std::max(a, b));
    }
    if (const auto decoded = decode(broken); !decoded) {
      EXPECT_TRUE(is_item_error(decoded.error().code)) << decoded.error().message;
    }
  }
}

TEST_P(DecoderContract, IsAsGoodAsNewAfterAFailure) {
  const Bytes whole = written();
  const auto expected = decode(whole);
  ASSERT_TRUE(expected);
  const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() * 2 / 3));
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(decode(cut));
    const auto again = decode(whole);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->rgb, expected->rgb);
  }
}

TEST_P(DecoderContract, PutsThePictureWhereEveryFitWantsIt) {
  const Bytes bytes = written();
  for (const auto kind : {Fit::Kind::kSquash, Fit::Kind::kCentreCrop, Fit::Kind::kLetterbox}) {
    for (const auto filter : {Fit::Filter::kArea, Fit::Filter::kBilinear}) {
      for (const int side : {1, 5, 20, 64}) {
        InputFormat format = made::squashed({.width = side, .height = side}, filter);
        format.fit.kind = kind;
        format.fit.crop_fraction = 0.875F;
        const auto decoded = made::decode(*decoder_, bytes, format);
        ASSERT_TRUE(decoded) << decoded.error().message;
        // The middle of the original has the mean of the corners, wherever it went.
        const Placement& placement = decoded->picture.placement;
        const int x = static_cast<int>(kSize.width / 2.0 * placement.scale_x + placement.offset_x_px);
        const int y = static_cast<int>(kSize.height / 2.0 * placement.scale_y + placement.offset_y_px);
        const std::uint8_t* pixel = decoded->rgb.data() + (static_cast<std::ptrdiff_t>(y) * side + x) * 3;
        const std::uint8_t* middle = picture_.at(kSize.width / 2, kSize.height / 2);
        for (int c = 0; c < 3; ++c) EXPECT_NEAR(pixel[c], middle[c], 40) << side;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryWay, DecoderContract,
                         ::testing::Combine(::testing::ValuesIn(ways()), ::testing::ValuesIn(implementations())),
                         [](const auto& each) { return std::get<0>(each.param).name + std::get<1>(each.param).name; });

}  // namespace
}  // namespace curlew
