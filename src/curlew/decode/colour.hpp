#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace curlew {

/// A rectangle of packed RGB, 8 bits a channel, inside a larger picture.
struct RgbRect {
  std::uint8_t* first = nullptr;  ///< its top left pixel
  int width = 0;
  int height = 0;
  std::ptrdiff_t row_bytes = 0;  ///< from one of its rows to the next
};

/// Makes sRGB of pixels in a picture's own colours, as its ICC profile tells: by the profile's perceptual table where
/// it has several, the black point compensated. A profile that is damaged, of another kind than the picture, or next to
/// sRGB changes nothing; why is logged. It keeps what it made of the last few profiles: they repeat.
///
/// Threads: one at a time.
/// Cost:    for 224 x 224, RGB by matrix 0.7 ms, by table 1.4 ms, CMYK 3 ms. A profile that is new costs 4 ms (matrix)
/// or
///          10–25 ms (table) more, one that is kept the SHA-256 of its bytes.
/// Source:  ICC.1:2022.
class ColourConverter {
 public:
  ColourConverter();
  ~ColourConverter();
  ColourConverter(const ColourConverter&) = delete;
  ColourConverter& operator=(const ColourConverter&) = delete;

  /// In place. A profile of grey counts for pixels that are all grey.
  void rgb_to_srgb(std::span<const std::byte> profile, const RgbRect& pixels);

  /// Without a profile that counts by plain formula: each of the inks lets light through.
  ///
  /// Shape: `cmyk` is packed, as many pixels as `to` has; 0 is no ink, 255 all of it.
  void cmyk_to_srgb(std::span<const std::byte> profile, std::span<const std::uint8_t> cmyk, const RgbRect& to);

 private:
  class Profiles;
  Profiles& profiles();

  std::unique_ptr<Profiles> profiles_;  ///< made with the first profile
};

}  // namespace curlew
