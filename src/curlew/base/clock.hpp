#pragma once

#include <chrono>

namespace curlew {

/// The one clock of durations and deadlines; it never goes back.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

inline TimePoint now() { return Clock::now(); }

/// What the calendar says, to the second; it may jump, so it is never used to measure.
inline std::chrono::sys_seconds calendar_now() {
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// A duration in milliseconds with its fraction, as results and logs show it.
inline double to_ms(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

}  // namespace curlew
