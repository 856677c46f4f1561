#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace curlew {

/// How long to wait before Redis is tried again: longer each time, and not the same for all machines, so that they do
/// not come back at one moment.
class RedisBackoff {
 public:
  static constexpr std::chrono::milliseconds kFirst{50};
  static constexpr std::chrono::milliseconds kLongest{1000};

  /// Shape: `luck` in [0, 1], anew each time. Between half of the step and all of it.
  std::chrono::milliseconds next(double luck) {
    const auto step = step_;
    step_ = std::min(kLongest, 2 * step_);
    return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(step.count()) * (0.5 + 0.5 * luck)));
  }
  void reset() { step_ = kFirst; }

 private:
  std::chrono::milliseconds step_ = kFirst;
};

}  // namespace curlew
