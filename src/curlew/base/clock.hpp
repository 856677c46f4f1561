#pragma once

#include <chrono>

namespace curlew {

/// The one clock of durations and deadlines; it never goes back.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

inline TimePoint now() { return Clock::now(); }

/// A duration in milliseconds with its fraction, as results and logs show it.
inline double to_ms(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

}  // namespace curlew
