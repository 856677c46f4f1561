#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "curlew/decode/codec.hpp"

namespace curlew {

/// Opens libavif ahead of the first AVIF, for a process that cannot open files later; whether it is there.
///
/// Threads: any. Cost: 10 ms the first time, nothing later.
bool load_avif();

/// How many pixels one frame of an AVIF's video stream may have. A picture can be a grid of frames, each of which may
/// claim what it likes: all of them together may have so many pixels as leave room for honest overlaps.
///
/// Shape: `bytes` is the file, in which the names of its parts are counted; `size` that of the whole picture.
std::uint32_t most_frame_pixels(std::span<const std::byte> bytes, SizePx size);

/// AVIF of 8, 10 and 12 bits, grids too; of a sequence the first frame. What is transparent lies over white. Turned by
/// the container's own properties, not by EXIF, as MIAF has it.
///
/// The picture is held as the planes of its video frame while it is read: at most 3 bytes a pixel with 8 bits, 6 with
/// more, and as much alpha as it has.
///
/// Errors: open() also kTooManyPixels, for pictures above libavif's own limit of 268 megapixels.
std::unique_ptr<Codec> make_avif_codec();

}  // namespace curlew
