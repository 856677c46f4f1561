#include "curlew/spawn/decode_wire.hpp"

#include <cmath>

namespace curlew {
namespace {

bool is_decoders(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotAnImage:
    case ErrorCode::kUnsupportedFormat:
    case ErrorCode::kTooManyPixels:
    case ErrorCode::kDecodeFailed:
    case ErrorCode::kInternal:
      return true;
    default:
      return false;
  }
}

bool is_known(PictureFormat format) { return format <= PictureFormat::kAvif; }

bool within(std::int32_t width, std::int32_t height, const DecodeLimits& limits) {
  return width >= 1 && height >= 1 && width <= limits.side_px && height <= limits.side_px &&
         static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height) <= limits.pixels;
}

bool is_sane(const Placement& placement, const DecodeReply& reply) {
  const auto finite = [](double value) { return std::isfinite(value); };
  return placement.original_width_px == reply.width_px && placement.original_height_px == reply.height_px &&
         finite(placement.scale_x) && finite(placement.scale_y) && placement.scale_x > 0 && placement.scale_y > 0 &&
         finite(placement.offset_x_px) && finite(placement.offset_y_px);
}

}  // namespace

DecodeReply needs_loading_reply() {
  DecodeReply reply;
  reply.verdict = DecodeVerdict::kNeedsLoading;
  return reply;
}

DecodeReply reply_of(const Result<DecodedPicture>& picture) {
  if (!picture) {
    DecodeReply reply;
    reply.code = picture.error().code;
    reply.message = child_text(picture.error().message);
    return reply;
  }
  DecodeReply reply;
  reply.verdict = DecodeVerdict::kDecoded;
  reply.format = picture->info.format;
  reply.width_px = picture->info.width_px;
  reply.height_px = picture->info.height_px;
  reply.bytes = picture->info.bytes;
  reply.placement = picture->placement;
  return reply;
}

std::optional<Result<DecodedPicture>> picture_of(const DecodeReply& reply, const DecodeRequest& request,
                                                 const DecodeLimits& limits) {
  if (reply.verdict == DecodeVerdict::kFailed) {
    if (!is_decoders(reply.code)) return std::nullopt;
    return failure(reply.code, printable_text(reply.message));
  }
  const bool believable = reply.verdict == DecodeVerdict::kDecoded && is_known(reply.format) &&
                          within(reply.width_px, reply.height_px, limits) && reply.bytes == request.picture_bytes &&
                          is_sane(reply.placement, reply);
  if (!believable) return std::nullopt;
  return DecodedPicture{.info = {.width_px = reply.width_px,
                                 .height_px = reply.height_px,
                                 .format = reply.format,
                                 .bytes = reply.bytes,
                                 .sha256 = {}},
                        .placement = reply.placement};
}

}  // namespace curlew
