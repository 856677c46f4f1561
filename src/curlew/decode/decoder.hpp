#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/picture.hpp"

namespace curlew {

/// What a picture may be before a pixel of it is decoded; config fills it.
struct DecodeLimits {
  std::uint64_t pixels = 50'000'000;
  int side_px = 16'384;
};

/// A picture that was decoded.
struct DecodedPicture {
  PictureInfo info;  ///< all but sha256
  Placement placement;
};

/// Makes upright RGB pixels of the size that a network wants out of a picture's bytes.
///
/// Threads: one at a time; each worker has its own, which keeps its buffers.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  /// Fills `rgb` as `format` says.
  ///
  /// Shape:  rgb.size() == format.width_px * format.height_px * 3; another size is a bug of the caller and aborts.
  /// Errors: kNotAnImage, kUnsupportedFormat, kTooManyPixels, kDecodeFailed.
  virtual Result<DecodedPicture> decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                             std::span<std::uint8_t> rgb) = 0;
};

}  // namespace curlew
