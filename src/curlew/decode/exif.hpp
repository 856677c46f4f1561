#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "curlew/decode/orientation.hpp"

namespace curlew {

/// The orientation that a block of EXIF (beginning with "II" or "MM") tells of; nothing where it tells none, or
/// nonsense.
///
/// Source: TIFF 6.0, section 2; Exif 2.32, tag 0x0112.
std::optional<Orientation> orientation_of_exif(std::span<const std::byte> tiff);

/// The EXIF block of a JPEG's bytes: that of the first APP1 before the picture's data that holds one; empty where none.
std::span<const std::byte> exif_of_jpeg(std::span<const std::byte> jpeg);

}  // namespace curlew
