#pragma once

#include <cstdint>

namespace curlew {

struct SizePx {
  int width = 0;
  int height = 0;
  friend bool operator==(const SizePx&, const SizePx&) = default;
};

struct RectPx {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  friend bool operator==(const RectPx&, const RectPx&) = default;
};

/// A rectangle between pixels: the whole of a picture is {0, 0, width, height}.
struct RectF {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

/// How a stored picture has to be turned to stand upright. The values are those of EXIF.
///
/// Source: Exif 2.32 (CIPA DC-008), tag 0x0112.
enum class Orientation : std::uint8_t {
  kUpright = 1,
  kMirrored = 2,       ///< left and right are exchanged
  kUpsideDown = 3,     ///< turned by 180 degrees
  kFlipped = 4,        ///< top and bottom are exchanged
  kTransposed = 5,     ///< rows are columns
  kTurnClockwise = 6,  ///< stands upright after a quarter turn clockwise
  kTransversed = 7,    ///< rows are columns, turned by 180 degrees
  kTurnAnticlockwise = 8
};

/// An orientation in the words that loops want: where the upright picture's axes run in the stored one.
struct Turn {
  bool swaps_axes = false;  ///< a row of the upright picture is a column of the stored one
  bool reverses_x = false;  ///< the stored x falls where the upright coordinate that it belongs to rises
  bool reverses_y = false;  ///< the same for the stored y
};
Turn turn_of(Orientation orientation);

/// The size of the upright picture; the way back is the same function.
SizePx upright_size(SizePx stored, Orientation orientation);

/// The part of a stored picture of size `stored` that shows what `upright` shows of the upright one.
RectF stored_rectangle(const RectF& upright, SizePx stored, Orientation orientation);

}  // namespace curlew
