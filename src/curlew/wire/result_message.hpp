#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/calendar.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/frames.hpp"
#include "curlew/core/item_result.hpp"

namespace curlew {

// What is published, and how it is read again. Times are written as `2026-11-22T02:53:43.530Z`.

inline constexpr std::string_view kResultsTopic = "results";
inline constexpr std::string_view kHeartbeatTopic = "HEARTBEAT";
/// Who subscribes to a topic of its own below this one is welcomed at once: all that it subscribed to before on the
/// same connection is then active, too.
inline constexpr std::string_view kWelcomeTopic = "welcome/";

/// A result with its place in its batch.
struct ResultMessage {
  ItemResult result;  ///< batch "" where the service has no batches
  /// Whether the sender told `index`; otherwise it is 0, and only the URL tells which item it is.
  bool has_index = false;
  std::uint32_t sequence = 0;  ///< 0 where the sender has none
  std::uint32_t total = 0;     ///< 0 where the sender has none
};

/// A result as a message of its own, with a new id: `url`, and `boxes`, `labels` and `scores`, or `error`; then what
/// only Curlew says (`batch_id`, `index`, `seq`, `total`; `classes`, `model`, `image`, `timings_ms`; `code`,
/// `retryable`, `http_status`; `background_score`).
///
/// Units: boxes in whole pixels of the upright original, toward zero.
Frames write_result(const ItemResult& result, std::uint32_t sequence, std::uint32_t total);

/// Reads one, of Curlew or of the Python service, whose error texts become the nearest code; nothing that is in it is
/// believed unchecked. What only Curlew says and is missing, or is not what it should be, is 0 or ""; a class's number
/// is then -1.
///
/// Errors: kInternal with a message for the log: it is no such message.
Result<ResultMessage> read_result(const Frames& frames);

Frames write_heartbeat(const rusage& usage, CalendarTime time);

/// A topic below kWelcomeTopic that nobody else has.
std::string new_welcome_topic();
bool is_welcome_topic(std::string_view topic);
Frames write_welcome(std::string_view topic, CalendarTime time);

/// The first frame; "" where there is none.
std::string_view topic_of(const Frames& frames);

}  // namespace curlew
