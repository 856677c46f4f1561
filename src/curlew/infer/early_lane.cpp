#include "curlew/infer/early_lane.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

std::size_t bytes_of(const InputFormat& format) {
  return static_cast<std::size_t>(format.width_px) * static_cast<std::size_t>(format.height_px) * 3;
}

}  // namespace

EarlyLane::EarlyLane(const InputFormat& format, ModelId model, Open open)
    : format_(format), model_(std::move(model)), open_(std::move(open)), pixels_(bytes_of(format)) {}

std::span<std::uint8_t> EarlyLane::input() { return lane_ ? lane_->input() : std::span(pixels_); }

void EarlyLane::await() {
  if (!open_) return;
  auto opened = std::exchange(open_, {})();
  if (!opened) {
    log_error("model {}: {}", model_.name, opened.error().message);
    return;
  }
  // One of another size would be a bug; to read what was decoded for this one would be a worse one.
  if ((*opened)->input().size() != pixels_.size()) {
    log_error("model {}: its input is not what was kept of it", model_.name);
    return;
  }
  std::ranges::copy(pixels_, (*opened)->input().begin());
  lane_ = std::move(*opened);
  pixels_ = {};
}

Result<Answer> EarlyLane::run(const Placement& placement, const ReadOptions& options) {
  await();
  if (lane_) return lane_->run(placement, options);
  return failure(ErrorCode::kInferenceFailed, "the model is not available; the log says why");
}

}  // namespace curlew
