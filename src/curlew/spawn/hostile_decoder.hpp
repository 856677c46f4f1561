#pragma once

#include <memory>
#include <string>

#include "curlew/decode/decoder.hpp"

namespace curlew {

/// Tries what a sandboxed process must not be able to do; how each try ended: "open EPERM, socket SUCCEEDED, ".
std::string try_to_escape();

/// A decoder that was taken over, for tests: where the bytes begin with "curlew-test:" it does what the word behind
/// that says, and leaves all else to the true one. Compiled in where CURLEW_TEST_HOOKS is on, never into what users
/// run, and put only into children that are in the sandbox.
///
/// crash, abort, exit, hang, spin, eat: the ways to end. lie: an answer beyond all limits. escape: tries what a
/// sandboxed process must not be able to do; the message of its kDecodeFailed tells how each try ended.
class HostileDecoder final : public Decoder {
 public:
  explicit HostileDecoder(std::unique_ptr<Decoder> decoder) : decoder_(std::move(decoder)) {}

  Result<DecodedPicture> decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                     std::span<std::uint8_t> rgb) override;

 private:
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace curlew
