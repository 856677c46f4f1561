#include "curlew/spawn/serve_lane.hpp"

#include <exception>
#include <new>

#include "curlew/spawn/channel.hpp"
#include "curlew/spawn/child_process.hpp"
#include "curlew/spawn/child_seat.hpp"
#include "curlew/spawn/copy_bytes.hpp"
#include "curlew/spawn/lane_wire.hpp"
#include "curlew/spawn/sandbox.hpp"
#include "curlew/spawn/shared_memory.hpp"

namespace curlew {
namespace {

constexpr int kNotAChild = 2;

bool say(const Channel& channel, const Result<void, std::string>& ready) {
  return channel.send(
      ChildHello{.ready = ready ? std::uint8_t{1} : std::uint8_t{0}, .why = child_text(ready ? "" : ready.error())});
}

LaneReply reply_of(const Result<Answer>& answer, LaneBoard& board) {
  LaneReply reply;
  if (answer) {
    reply.answered = 1;
    write_answer(*answer, board);
  } else {
    reply.code = answer.error().code;
    reply.message = child_text(answer.error().message);
  }
  return reply;
}

int serve(const Channel& channel, const std::function<Result<std::unique_ptr<Lane>, ModelUnavailable>()>& open) {
  LaneSetup setup;
  if (channel.receive(setup) != Received::kMessage) return 0;  // the parent has gone already
  const auto memory = SharedMemory::open(UniqueFd(kMemoryFd), lane_memory(setup.pixel_bytes));
  auto& board = *new (memory.bytes().data() + board_offset(setup.pixel_bytes)) LaneBoard;
  const auto lane = open();
  if (!lane) return say(channel, tl::make_unexpected(lane.error().message)) ? 1 : 0;
  write_facts(**lane, board);
  if (!read_facts(board, setup.pixel_bytes)) {
    return say(channel, tl::make_unexpected(std::string("the model's input is too large for this"))) ? 1 : 0;
  }
  const auto locked = enter_sandbox({.purpose = SandboxPurpose::kInference, .memory = setup.memory_bytes});
  if (!say(channel, locked) || !locked) return 1;
  LaneRequest request;
  while (channel.receive(request) == Received::kMessage) {
    const auto pixels = (*lane)->input();
    copy_bytes(memory.bytes().first(pixels.size()), std::as_writable_bytes(pixels));
    const auto answer = (*lane)->run(request.placement, {.top = request.top, .threshold = request.threshold});
    if (!channel.send(reply_of(answer, board))) break;
  }
  return 0;
}

}  // namespace

int serve_lane(const std::function<Result<std::unique_ptr<Lane>, ModelUnavailable>()>& open) {
  if (!become_child()) return kNotAChild;
  const Channel channel{UniqueFd(kChannelFd)};
  try {
    return serve(channel, open);
  } catch (const std::exception& fault) {
    return say(channel, tl::make_unexpected(std::string(fault.what()))) ? 1 : 0;
  }
}

}  // namespace curlew
