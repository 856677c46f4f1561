#include "curlew/spawn/serve_decoder.hpp"

#include <exception>
#include <string>

#include "curlew/base/log.hpp"
#include "curlew/spawn/channel.hpp"
#include "curlew/spawn/child_process.hpp"
#include "curlew/spawn/child_seat.hpp"
#include "curlew/spawn/decode_wire.hpp"
#include "curlew/spawn/sandbox.hpp"
#include "curlew/spawn/shared_memory.hpp"

namespace curlew {
namespace {

constexpr int kNotAChild = 2;

DecodeReply answer(const DecodeRequest& request, const DecodeSetup& setup, std::span<std::byte> memory,
                   const DecoderParts& parts, Decoder& decoder) {
  const auto picture = memory.first(static_cast<std::size_t>(setup.picture_bytes)).first(request.picture_bytes);
  if (setup.loads_everything == 0 && parts.needs_loading(picture)) return needs_loading_reply();
  const auto pixels = memory.subspan(setup.picture_bytes, static_cast<std::size_t>(request.format.width_px) *
                                                              static_cast<std::size_t>(request.format.height_px) * 3);
  auto* first = reinterpret_cast<std::uint8_t*>(pixels.data());
  return reply_of(decoder.decode_into(picture, request.format, {first, pixels.size()}));
}

int serve(const Channel& channel, const DecoderParts& parts) {
  DecodeSetup setup;
  if (channel.receive(setup) != Received::kMessage) return 0;  // the parent has gone already
  set_log_level(static_cast<LogLevel>(setup.log_level));
  const auto memory = SharedMemory::open(UniqueFd(kMemoryFd), setup.picture_bytes + setup.pixel_bytes);
  const auto decoder = parts.make_decoder({.pixels = setup.pixels, .side_px = setup.side_px});
  if (setup.loads_everything != 0) parts.load_everything();
  const auto locked = enter_sandbox({.purpose = SandboxPurpose::kDecoding, .memory = setup.memory_bytes});
  const ChildHello hello{.ready = locked ? std::uint8_t{1} : std::uint8_t{0},
                         .why = child_text(locked ? "" : locked.error())};
  if (!channel.send(hello) || !locked) return 1;
  DecodeRequest request;
  while (channel.receive(request) == Received::kMessage) {
    if (!channel.send(answer(request, setup, memory.bytes(), parts, *decoder))) break;
  }
  return 0;
}

}  // namespace

int serve_decoder(const DecoderParts& parts) {
  if (!become_child()) return kNotAChild;
  const Channel channel{UniqueFd(kChannelFd)};
  try {
    return serve(channel, parts);
  } catch (const std::exception& fault) {
    return channel.send(ChildHello{.ready = 0, .why = child_text(fault.what())}) ? 1 : 0;
  }
}

}  // namespace curlew
