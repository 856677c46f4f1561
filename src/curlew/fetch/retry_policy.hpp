#pragma once

#include <optional>
#include <string_view>

#include "curlew/base/clock.hpp"
#include "curlew/base/error.hpp"

namespace curlew {

/// What is known after a try has failed.
struct FailedTry {
  int number = 1;  ///< of the try that failed; the first is 1
  int tries = 1;   ///< how many there may be
  Error error;
  std::optional<Duration> retry_after;  ///< what the origin asked for
  Duration elapsed{};                   ///< since the item was begun
  Duration total{};                     ///< how long the item may take
};

/// How long to wait before the next try; nothing where there is to be none: the error does not pass, the tries are used
/// up, or the total time would be.
///
/// Shape: `jitter` is random in [0, 1); it spreads the tries of those who failed together.
std::optional<Duration> wait_before_retry(const FailedTry& failed, double jitter);

/// Reads a Retry-After header: seconds, or a date, which is compared with the answer's own Date header, so that a wrong
/// clock on either side does no harm; with `today` where there is none.
///
/// Errors: nothing where it is neither.
/// Source: RFC 9110, 10.2.3 and 5.6.7.
std::optional<Duration> parse_retry_after(std::string_view retry_after, std::string_view date,
                                          std::chrono::sys_seconds today);

}  // namespace curlew
