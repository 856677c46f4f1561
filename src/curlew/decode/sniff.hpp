#pragma once

#include <cstddef>
#include <span>

#include "curlew/base/result.hpp"
#include "curlew/core/picture.hpp"

namespace curlew {

/// The format that a file's first bytes say it is, whatever its name or the origin's header says.
///
/// Errors: kUnsupportedFormat for a picture of a format that Curlew has no word for (TIFF, HEIC, JPEG XL, ICO, PSD …);
///         kNotAnImage for all else, with a sentence that says what it seems to be (a web page, a drawing, a document).
/// Cost:   looks at the first 512 bytes only.
Result<PictureFormat> sniff(std::span<const std::byte> bytes);

}  // namespace curlew
