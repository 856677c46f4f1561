#include "curlew/spawn/spawned_lanes.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>
#include <vector>

#include "curlew/base/log.hpp"
#include "curlew/spawn/child_seat.hpp"
#include "curlew/spawn/lane_wire.hpp"

namespace curlew {
namespace {

tl::unexpected<Error> failed(const char* message) { return failure(ErrorCode::kInferenceFailed, message); }

class SpawnedLane final : public Lane {
 public:
  SpawnedLane(const std::string& model, const SpawnedLanesOptions& options)
      : options_(options),
        seat_({.name = "naming process",
               .command = options.command_for(model),
               .memory = lane_memory(options.pixel_bytes),
               .start_timeout = options.start_timeout}) {
    seat_.start(LaneSetup{.pixel_bytes = options.pixel_bytes, .memory_bytes = options.memory});
  }

  /// Waits for what the constructor began.
  Result<void, ModelUnavailable> await_ready() {
    if (!seat_.await_ready()) return tl::make_unexpected(ModelUnavailable{seat_.why_not()});
    auto facts = read_facts(*board(), options_.pixel_bytes);
    if (!facts) return tl::make_unexpected(ModelUnavailable{"the process that runs the model makes no sense"});
    facts_ = std::move(*facts);
    return {};
  }

  const InputFormat& input_format() const override { return facts_.input; }
  const ModelId& model() const override { return facts_.model; }
  std::span<std::uint8_t> input() override {
    const auto bytes =
        static_cast<std::size_t>(facts_.input.width_px) * static_cast<std::size_t>(facts_.input.height_px) * 3;
    return {reinterpret_cast<std::uint8_t*>(seat_.memory().data()), bytes};
  }

  Result<Answer> run(const Placement& placement, const ReadOptions& options) override {
    try {
      return ask({.placement = placement, .top = options.top, .threshold = options.threshold});
    } catch (const std::exception& fault) {
      log_error("a naming process cannot be started: {}", fault.what());
      return failed("no process can be started to name this picture; the log says why. Try it again");
    }
  }

 private:
  LaneBoard* board() {
    return reinterpret_cast<LaneBoard*>(seat_.memory().data() + board_offset(options_.pixel_bytes));
  }

  Result<Answer> ask(const LaneRequest& request) {
    if (!seat_.hand_over(request, options_.timeout)) {
      return failed("no process can be started to name this picture; the log says why. Try it again");
    }
    LaneReply reply;
    if (const auto how = seat_.answer(reply); how != Received::kMessage) {
      return failed(seat_.replace_lost(how) == Loss::kCrashed
                        ? "the network crashed over this picture; try it again"
                        : "the network took too long over this picture; try it again");
    }
    if (reply.answered == 0) {
      const bool known = reply.code == ErrorCode::kNonFiniteOutput || reply.code == ErrorCode::kInferenceFailed;
      return failure(known ? reply.code : ErrorCode::kInferenceFailed, printable_text(reply.message));
    }
    const auto copy = std::make_unique<LaneBoard>(*board());
    auto answer = read_answer(*copy, request.placement);
    if (answer) return std::move(*answer);
    log_warning("a naming process gave an answer that makes no sense, and is replaced");
    seat_.restart();
    return failed("the network's answer makes no sense; try it again");
  }

  const SpawnedLanesOptions& options_;
  ChildSeat seat_;
  LaneFacts facts_;
};

}  // namespace

SpawnedLanes::SpawnedLanes(SpawnedLanesOptions options) : options_(std::move(options)) {}

SpawnedLanes::~SpawnedLanes() = default;

Result<void, ModelUnavailable> SpawnedLanes::preload(const std::string& model, int lanes) {
  Stock stock;
  try {
    std::vector<std::unique_ptr<SpawnedLane>> starting;
    starting.reserve(static_cast<std::size_t>(lanes));
    for (int i = 0; i < lanes; ++i) starting.push_back(std::make_unique<SpawnedLane>(model, options_));
    for (auto& lane : starting) {
      if (auto ready = lane->await_ready(); !ready) {
        stock.fault = ready.error();
        break;
      }
      stock.lanes.push_back(std::move(lane));
    }
  } catch (const std::exception& error) {
    stock.fault = ModelUnavailable{fmt::format("no process can be started for the model: {}", error.what())};
  }
  if (stock.fault) stock.lanes.clear();
  Result<void, ModelUnavailable> outcome;
  if (stock.fault) outcome = tl::make_unexpected(*stock.fault);
  const std::scoped_lock lock(mutex_);
  ready_[model] = std::move(stock);
  changed_.notify_all();
  return outcome;
}

Result<std::unique_ptr<Lane>, ModelUnavailable> SpawnedLanes::open_lane(const std::string& model) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return cancelled_ || ready_.contains(model); });
    if (cancelled_) return tl::make_unexpected(ModelUnavailable{"it is no longer wanted"});
    Stock& stock = ready_[model];
    if (stock.fault) return tl::make_unexpected(*stock.fault);
    if (!stock.lanes.empty()) {
      auto lane = std::move(stock.lanes.front());
      stock.lanes.pop_front();
      return lane;
    }
  }
  try {
    auto lane = std::make_unique<SpawnedLane>(model, options_);
    if (auto ready = lane->await_ready(); !ready) return tl::make_unexpected(ready.error());
    return lane;
  } catch (const std::exception& error) {
    return tl::make_unexpected(ModelUnavailable{fmt::format("no process can be started for it: {}", error.what())});
  }
}

void SpawnedLanes::cancel() {
  const std::scoped_lock lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

}  // namespace curlew
