#include "curlew/spawn/spawned_decoder.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/spawn/copy_bytes.hpp"

namespace curlew {
namespace {

Error no_child() {
  return make_error(ErrorCode::kInternal,
                    "no process can be started to decode this picture; the log says why. Try it again, or without "
                    "processes of their own for pictures");
}

}  // namespace

SpawnedDecoder::SpawnedDecoder(SpawnedDecoderOptions options)
    : options_(std::move(options)),
      seat_({.name = "decoding process",
             .command = options_.command,
             .memory = options_.picture_bytes + options_.pixel_bytes}) {
  try {
    seat_.start(setup());
  } catch (const std::exception& fault) {
    log_error("a decoding process cannot be started: {}", fault.what());
  }
}

DecodeSetup SpawnedDecoder::setup() const {
  DecodeSetup setup;
  setup.pixels = options_.limits.pixels;
  setup.side_px = options_.limits.side_px;
  setup.picture_bytes = options_.picture_bytes;
  setup.pixel_bytes = options_.pixel_bytes;
  setup.memory_bytes = options_.memory;
  setup.log_level = static_cast<std::int32_t>(options_.log_level);
  setup.loads_everything = loads_everything_ ? 1 : 0;
  return setup;
}

Result<DecodedPicture> SpawnedDecoder::decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                                   std::span<std::uint8_t> rgb) {
  const auto wanted = static_cast<std::size_t>(format.width_px) * static_cast<std::size_t>(format.height_px) * 3;
  if (format.width_px < 1 || format.height_px < 1 || rgb.size() != wanted) std::abort();
  if (bytes.size() > options_.picture_bytes) {
    return failure(ErrorCode::kTooLarge,
                   fmt::format("the picture has {} bytes; at most {} are read", bytes.size(), options_.picture_bytes));
  }
  if (rgb.size() > options_.pixel_bytes) {
    return failure(ErrorCode::kInternal, "the network's input is too large for decoding in a process of its own");
  }
  try {
    if (!seat_.seated()) seat_.restart();
    copy_bytes(bytes, seat_.memory());
    auto picture = ask({.picture_bytes = bytes.size(), .format = format});
    if (!picture) return picture;
    const auto pixels = seat_.memory().subspan(options_.picture_bytes, rgb.size());
    copy_bytes(pixels, std::as_writable_bytes(rgb));
    return picture;
  } catch (const std::exception& fault) {
    log_error("a decoding process cannot be started: {}", fault.what());
    return tl::make_unexpected(no_child());
  }
}

Result<DecodedPicture> SpawnedDecoder::ask(const DecodeRequest& request) {
  DecodeReply reply;
  if (!seat_.hand_over(request, options_.timeout)) return tl::make_unexpected(no_child());
  auto how = seat_.answer(reply);
  if (how == Received::kMessage && reply.verdict == DecodeVerdict::kNeedsLoading && !loads_everything_) {
    loads_everything_ = true;
    seat_.start(setup());
    if (!seat_.hand_over(request, options_.timeout)) return tl::make_unexpected(no_child());
    how = seat_.answer(reply);
  }
  if (how != Received::kMessage) return tl::make_unexpected(lost(how));
  auto picture = picture_of(reply, request, options_.limits);
  if (picture) return std::move(*picture);
  log_warning("a decoding process gave an answer that makes no sense, and is replaced");
  seat_.restart();
  return failure(ErrorCode::kDecodeFailed, "this picture confused its decoder; it is damaged or hostile: save it anew");
}

Error SpawnedDecoder::lost(Received how) {
  if (seat_.replace_lost(how) == Loss::kCrashed) {
    return make_error(ErrorCode::kDecodeFailed,
                      "this picture made its decoder crash; it is damaged or hostile: save it anew");
  }
  const double seconds = std::chrono::duration<double>(options_.timeout).count();
  return make_error(
      ErrorCode::kDecodeFailed,
      fmt::format("decoding this picture took longer than {:g} s and was stopped; save it anew or smaller", seconds));
}

}  // namespace curlew
