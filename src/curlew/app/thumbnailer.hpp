#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/decode/decoder.hpp"
#include "curlew/pipeline/picture_observer.hpp"

namespace curlew {

/// The longer side of a thumbnail at most.
inline constexpr int kThumbnailSidePx = 192;

/// A larger file is no thumbnail: results are kept, and sent many at a time. Noise alone comes near.
inline constexpr ByteCount kMaxThumbnailBytes = 24 * kKiB;

/// What a decoder is to make of a picture of this size: all of it with its proportions, as far as whole pixels have
/// them, and never larger than it is.
InputFormat thumbnail_format(int width_px, int height_px);

/// A small JPEG of the upright picture that `bytes` hold and `image` describes.
///
/// Errors: those of the decoder; kInternal: it cannot be written, or has more than kMaxThumbnailBytes.
/// Cost:   about what decoding it for a network takes, once more: 2 ms for a JPEG of half a megapixel, 30 for one of
///         12, 570 for such a PNG.
Result<std::string> make_thumbnail(std::span<const std::byte> bytes, const PictureInfo& image, Decoder& decoder);

/// Gives results of items that ask for it a thumbnail. One that cannot be made is told in the log alone.
///
/// Threads: all.
/// Cost:    counts into the item's total_ms, and into no other of its timings; nothing where none was asked for.
class Thumbnailer final : public PictureObserver {
 public:
  void named(const Item& item, std::span<const std::byte> bytes, Success& success, Decoder& decoder) override;
};

}  // namespace curlew
