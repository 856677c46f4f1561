#pragma once

#include "curlew/core/picture.hpp"
#include "curlew/decode/orientation.hpp"

namespace curlew {

/// Which part of the upright original goes where in a network's input.
struct Framing {
  RectF source;        ///< in pixels of the upright original, inside it
  RectPx destination;  ///< in pixels of the input, inside it, at least 1 x 1
  Placement placement;
};

/// Shape: `upright` and the input are at least 1 x 1.
Framing frame(SizePx upright, const InputFormat& format);

/// At which size a JPEG is decoded, in eighths of its own: the smallest that still shows `source` (in stored pixels)
/// with enough pixels for `destination` (in the same orientation).
///
/// kArea takes as many pixels as the network wants. kBilinear takes at least three times as many by axis: networks fed
/// that way were trained on photographs of about twice their input, whose last halving left the edges hard, and
/// decoding at scale averages, which is what kBilinear is not. So a photograph below six times the input is sampled
/// from its full size, as the reference does, and a larger one is first averaged to more than the training pictures
/// had. (Twice as many is not enough: a 1920 x 1080 photograph decoded at half size lost YOLOX-Nano a bird.)
///
/// Cost: only 1, 2, 4 and 8 eighths are ever chosen. libjpeg-turbo has no vector code for the others: 5 to 7 eighths
/// are
///       slower than full size (1920 x 1080: 6.9–11 ms against 4.2), and 3 eighths slower than 4 (4.1 against 3.2).
int decode_eighths(const RectF& source, SizePx destination, Fit::Filter filter);

/// The size of a JPEG decoded at `eighths`: a part of a pixel counts as one.
SizePx size_at(SizePx full, int eighths);

/// The same rectangle on the picture decoded at `eighths`.
RectF rectangle_at(const RectF& full, int eighths);

}  // namespace curlew
