#pragma once

#include <cstdint>
#include <optional>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/decode/decoder.hpp"
#include "curlew/spawn/child_seat.hpp"

// What a decoding child and its parent say to each other. Both run the same binary, so that these are plain structs;
// but a child may have been taken over by a picture, so that the parent believes nothing in an answer.

namespace curlew {

/// The first message to the child.
struct DecodeSetup {
  std::uint64_t pixels = 0;           ///< DecodeLimits::pixels
  std::int32_t side_px = 0;           ///< DecodeLimits::side_px
  std::uint64_t picture_bytes = 0;    ///< the part of the shared memory that holds a picture's file; behind it…
  std::uint64_t pixel_bytes = 0;      ///< …the part for the pixels that the child makes of it
  std::uint64_t memory_bytes = 0;     ///< SandboxLimits::memory
  std::int32_t log_level = 0;         ///< LogLevel
  std::uint8_t loads_everything = 0;  ///< 1: also what is loaded at first use otherwise
};

/// "Decode the first `picture_bytes` of the shared memory."
struct DecodeRequest {
  std::uint64_t picture_bytes = 0;
  InputFormat format;
};

enum class DecodeVerdict : std::uint8_t {
  kDecoded = 1,  ///< the pixels are there
  kFailed,       ///< `code` and `message` say why
  kNeedsLoading  ///< only a child that has loaded everything can decode this picture
};

/// The child's answer to a request. What its verdict does not speak of is 0.
struct DecodeReply {
  DecodeVerdict verdict = DecodeVerdict::kFailed;
  ErrorCode code = ErrorCode::kInternal;
  PictureFormat format = PictureFormat::kJpeg;
  std::int32_t width_px = 0;
  std::int32_t height_px = 0;
  std::uint64_t bytes = 0;
  Placement placement;
  ChildText message;
};

DecodeReply reply_of(const Result<DecodedPicture>& picture);
DecodeReply needs_loading_reply();

/// What a reply to `request` says; nothing where no honest child can have said it: an error that decoders do not give,
/// a size beyond `limits`, a placement that is not that of the picture's size.
std::optional<Result<DecodedPicture>> picture_of(const DecodeReply& reply, const DecodeRequest& request,
                                                 const DecodeLimits& limits);

}  // namespace curlew
