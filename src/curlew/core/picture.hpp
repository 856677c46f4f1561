#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace curlew {

/// The picture formats that Curlew tells apart by their first bytes.
enum class PictureFormat : std::uint8_t { kJpeg, kPng, kWebp, kGif, kBmp, kAvif };

/// "jpeg", "png", … as results show it.
std::string_view to_string(PictureFormat format);

/// What a result says of its picture.
struct PictureInfo {
  int width_px = 0;   ///< of the upright picture
  int height_px = 0;  ///< of the upright picture
  PictureFormat format = PictureFormat::kJpeg;
  std::uint64_t bytes = 0;
  std::string sha256;  ///< of the bytes, hex
  std::string thumbnail =
      {};  ///< a small JPEG of the upright picture, where one was asked for and could be made; else ""
};

/// How a picture is brought to the size that a network wants.
struct Fit {
  enum class Kind : std::uint8_t {
    kSquash,      ///< the whole picture, its aspect ratio lost
    kCentreCrop,  ///< the middle square of `crop_fraction` of the short side
    kLetterbox    ///< the whole picture at the top left, its aspect ratio kept, the rest filled with `fill`
  };
  enum class Filter : std::uint8_t {
    kArea,     ///< the mean of the pixels that fall into one (antialiased); bilinear where it enlarges
    kBilinear  ///< the four nearest pixels only, half-pixel centres, as networks were often trained
  };
  Kind kind = Kind::kSquash;
  Filter filter = Filter::kArea;
  float crop_fraction = 1.0F;  ///< kCentreCrop only
  std::uint8_t fill = 114;     ///< kLetterbox only
  friend bool operator==(const Fit&, const Fit&) = default;
};

/// What a network wants to see: packed RGB, 8 bits a channel, row-major, no row padding.
struct InputFormat {
  int width_px = 0;
  int height_px = 0;
  Fit fit;
};

/// Where the upright original went in the network's input: input = original * scale + offset, by axis.
struct Placement {
  int original_width_px = 0;
  int original_height_px = 0;
  double scale_x = 1.0;
  double scale_y = 1.0;
  double offset_x_px = 0.0;
  double offset_y_px = 0.0;
};

}  // namespace curlew
