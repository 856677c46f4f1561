#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/decode/orientation.hpp"

namespace curlew {

/// A colour profile that is longer is ignored: those of printing presses have up to 3 MB.
inline constexpr ByteCount kMaxProfileBytes = 4 * kMiB;

/// What a picture's header tells.
struct StoredPicture {
  SizePx size;  ///< as stored; at least 1 x 1
  Orientation orientation = Orientation::kUpright;
  int channels = 3;                  ///< of the rows: 3 is RGB, 4 is CMYK, where 0 is no ink and 255 is all of it
  std::vector<std::byte> profile{};  ///< the ICC profile as it stands in the file, unchecked; empty: none
};

/// Takes a picture row by row, from its top as stored.
class RowSink {
 public:
  RowSink() = default;
  RowSink(const RowSink&) = delete;
  RowSink& operator=(const RowSink&) = delete;
  virtual ~RowSink() = default;

  /// Shape:     packed pixels of StoredPicture::channels, 8 bits each, as many as the picture is wide at the size read.
  /// Errors:    none; it must not throw: C code stands between it and the decoder.
  /// Ownership: `pixels` is gone when this returns.
  virtual void row(const std::uint8_t* pixels) noexcept = 0;
};

/// Reads one format. The rows go to the sink as they are decoded, so that no picture is ever held whole where its
/// format does not force it (progressive JPEG, interlaced PNG).
///
/// Threads: one at a time.
class Codec {
 public:
  Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  virtual ~Codec() = default;

  /// Reads the header only; allocates nothing that depends on the picture's size.
  ///
  /// Errors:    kUnsupportedFormat, kDecodeFailed.
  /// Ownership: `bytes` stays until read() is done or the next open().
  virtual Result<StoredPicture> open(std::span<const std::byte> bytes) = 0;

  /// Whether read() takes less than 8 eighths.
  virtual bool scales() const { return false; }

  /// Decodes the picture last opened, whose size the caller has checked, at `eighths` (1, 2, 4 or 8) of its size. An
  /// error may come after rows did.
  ///
  /// Errors: kUnsupportedFormat, kDecodeFailed (also where only the last row is missing), kInternal (no memory).
  virtual Result<void> read(int eighths, RowSink& sink) = 0;
};

}  // namespace curlew
