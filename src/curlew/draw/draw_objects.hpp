#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/draw/pixels.hpp"

namespace curlew {

/// How a picture that came as `came` is kept: what lost nothing as PNG, and what did, as JPEG.
enum class DrawnFormat : std::uint8_t { kJpeg, kPng };
DrawnFormat drawn_format(PictureFormat came);

/// ".jpg" or ".png".
std::string_view file_ending(DrawnFormat format);

/// Opens what drawing takes, so that a machine without it is told of at once; later calls cost nothing.
///
/// Errors: kInternal, with the packages that are missing.
Result<void> prepare_drawing();

/// The bytes of a picture file: `picture` with the box, label and score of each prediction that has a box.
///
/// Shape:   `predictions` by falling score; the surest is drawn on top.
/// Errors:  kInternal: no memory, a side of more than 32,767 pixels, a library that is missing.
/// Threads: any.
/// Cost:    4 bytes a pixel and the file; some 10 ms a megapixel for JPEG, 40 for PNG.
Result<std::string> draw_objects(const RgbView& picture, std::span<const Prediction> predictions, DrawnFormat format);

}  // namespace curlew
