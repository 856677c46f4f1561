#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/log.hpp"
#include "curlew/decode/decoder.hpp"
#include "curlew/spawn/child_seat.hpp"
#include "curlew/spawn/decode_wire.hpp"

namespace curlew {

struct SpawnedDecoderOptions {
  ChildCommand command;  ///< a program that calls serve_decoder()
  DecodeLimits limits;
  ByteCount picture_bytes = 20 * kMiB;                 ///< the largest file that is taken
  ByteCount pixel_bytes = ByteCount{3} * 4096 * 4096;  ///< the largest output
  ByteCount memory = kGiB;                             ///< what one picture may take
  std::chrono::milliseconds timeout{10'000};           ///< for one picture, by the clock and of the processor
  LogLevel log_level = LogLevel::kWarning;
};

/// A decoder in a child process that has nothing but memory and this connection: whatever a picture makes of it costs
/// that picture. The child is kept, and replaced when it died, or did not answer in time, or answered nonsense.
///
/// Errors:  as a Decoder; kDecodeFailed where the child crashed or took too long over this picture; kTooLarge;
/// kInternal
///          where no child can be started (the log says why).
/// Threads: one, from its beginning to its end.
/// Cost:    two copies (the file in, the pixels out) and two switches of process. The child starts while the first
///          picture is fetched.
class SpawnedDecoder final : public Decoder {
 public:
  /// Begins to start the child; where that fails, each decode_into() tries it again and tells.
  explicit SpawnedDecoder(SpawnedDecoderOptions options);

  Result<DecodedPicture> decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                     std::span<std::uint8_t> rgb) override;

 private:
  DecodeSetup setup() const;
  Result<DecodedPicture> ask(const DecodeRequest& request);
  Error lost(Received how);

  const SpawnedDecoderOptions options_;
  bool loads_everything_ = false;
  ChildSeat seat_;
};

}  // namespace curlew
