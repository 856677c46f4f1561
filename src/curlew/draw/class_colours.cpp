#include "curlew/draw/class_colours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace curlew {
namespace {

constexpr double kGoldenAngle = 137.50776405003785;
constexpr double kFirstHue = 145;  // green; then violet, orange, …
constexpr std::array<double, 3> kLightnesses = {0.85, 0.66, 0.75};
constexpr double kChroma = 0.24;  // as vivid as sRGB can
constexpr double kChromaStep = 0.005;
constexpr Rgb8 kBlack{.r = 0, .g = 0, .b = 0};
constexpr Rgb8 kWhite{.r = 255, .g = 255, .b = 255};

using Linear = std::array<double, 3>;

double cube(double value) { return value * value * value; }

Linear linear_of_oklch(double lightness, double chroma, double hue) {
  const double a = chroma * std::cos(hue);
  const double b = chroma * std::sin(hue);
  const double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
  const double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
  const double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

bool within_srgb(const Linear& colour) {
  return std::ranges::all_of(colour, [](double value) { return value >= 0 && value <= 1; });
}

std::uint8_t encoded(double linear) {
  const double value = std::clamp(linear, 0.0, 1.0);
  const double curve = value <= 0.0031308 ? 12.92 * value : 1.055 * std::pow(value, 1 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(curve * 255));
}

double decoded(std::uint8_t value) {
  const double part = value / 255.0;
  return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
}

double luminance(Rgb8 colour) {
  return 0.2126 * decoded(colour.r) + 0.7152 * decoded(colour.g) + 0.0722 * decoded(colour.b);
}

}  // namespace

Rgb8 class_colour(int index) {
  const auto number = static_cast<std::uint64_t>(std::abs(std::int64_t{index}));
  const double lightness = kLightnesses[number % kLightnesses.size()];
  const double degrees = std::fmod(kFirstHue + static_cast<double>(number) * kGoldenAngle, 360);
  const double hue = degrees * std::numbers::pi / 180;
  double chroma = kChroma;
  Linear colour = linear_of_oklch(lightness, chroma, hue);
  while (!within_srgb(colour) && chroma > 0) {
    chroma -= kChromaStep;
    colour = linear_of_oklch(lightness, chroma, hue);
  }
  return {.r = encoded(colour[0]), .g = encoded(colour[1]), .b = encoded(colour[2])};
}

double contrast(Rgb8 a, Rgb8 b) {
  const auto [darker, lighter] = std::minmax({luminance(a), luminance(b)});
  return (lighter + 0.05) / (darker + 0.05);
}

Rgb8 ink_on(Rgb8 ground) { return contrast(kBlack, ground) >= contrast(kWhite, ground) ? kBlack : kWhite; }

}  // namespace curlew
