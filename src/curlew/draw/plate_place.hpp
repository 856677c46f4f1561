#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace curlew {

/// Pixels from (x1, y1) up to and without (x2, y2).
struct PixelRect {
  int x1 = 0;
  int y1 = 0;
  int x2 = 0;
  int y2 = 0;

  int width() const { return x2 - x1; }
  int height() const { return y2 - y1; }
  double area() const { return static_cast<double>(width()) * height(); }
  bool is_empty() const { return x1 >= x2 || y1 >= y2; }
  friend bool operator==(const PixelRect&, const PixelRect&) = default;
};

/// How many pixels both have.
double common_area(const PixelRect& a, const PixelRect& b);

struct PictureSize {
  int width_px = 0;
  int height_px = 0;
};

struct PlateSize {
  int width_px = 0;
  int height_px = 0;
};

/// Where the plate of the box framed by `frames[of]` goes: above it, else below, inside or beside it, where it hides
/// least of small boxes, always within the picture and off those plates that are `taken` where there is such a place.
///
/// Shape:  no frame is empty. The plate shares `joint_px` rows with its frame, so that their edges are one line.
/// Errors: nothing where the plate is larger than the picture, or would lie on others or hide boxes wherever it stood.
std::optional<PixelRect> place_plate(std::size_t of, std::span<const PixelRect> frames, const PlateSize& plate,
                                     int joint_px, const PictureSize& picture, std::span<const PixelRect> taken);

}  // namespace curlew
