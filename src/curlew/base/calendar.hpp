#pragma once

#include <chrono>
#include <string>

namespace curlew {

/// What the calendar says, to the millisecond: for what outlives the process. It may jump, so it is never used to
/// measure.
using CalendarTime = std::chrono::sys_time<std::chrono::milliseconds>;

inline CalendarTime calendar_now_ms() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// As RFC 3339 has it, in UTC: `2026-01-31T23:59:59.000Z`.
std::string rfc3339(CalendarTime time);

}  // namespace curlew
