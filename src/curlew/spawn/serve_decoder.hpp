#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "curlew/decode/decoder.hpp"

namespace curlew {

/// What a decoding child is made of.
struct DecoderParts {
  std::function<std::unique_ptr<Decoder>(const DecodeLimits&)> make_decoder;
  /// Loads, before the doors close, what decoding would load at first use; called where the parent asks for it.
  std::function<void()> load_everything;
  /// Whether decoding this picture would load something that was not loaded.
  std::function<bool(std::span<const std::byte> bytes)> needs_loading;
};

/// The life of a decoding child, the other side of SpawnedDecoder: enters the sandbox and decodes what its parent puts
/// into the shared memory until the parent goes.
///
/// Returns: the process's exit status; 2 where it was not started by a SpawnedDecoder.
int serve_decoder(const DecoderParts& parts);

}  // namespace curlew
