#pragma once

#include <cstdint>

namespace curlew {

/// A colour of sRGB.
struct Rgb8 {
  std::uint8_t r = 0;
  std::uint8_t g = 0;
  std::uint8_t b = 0;
  friend bool operator==(const Rgb8&, const Rgb8&) = default;
};

/// The colour of a class: the same in every picture, and far from those of the classes beside it.
///
/// Source: hues a golden angle apart, three lightnesses in turn, in OKLCH (B. Ottosson, 2020).
Rgb8 class_colour(int index);

/// How well one is seen on the other, from 1 to 21; text wants 4.5.
///
/// Source: WCAG 2.1, contrast ratio.
double contrast(Rgb8 a, Rgb8 b);

/// Black or white, whichever is seen better on `ground`: never less than 4.5.
Rgb8 ink_on(Rgb8 ground);

}  // namespace curlew
