#include "curlew/wire/result_message.hpp"

#include <algorithm>
#include <utility>

#include "curlew/base/calendar.hpp"
#include "curlew/wire/message.hpp"
#include "curlew/wire/message_id.hpp"
#include "curlew/wire/packer.hpp"
#include "curlew/wire/result_map.hpp"

namespace curlew {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

Frames write_result(const ItemResult& result, std::uint32_t sequence, std::uint32_t total) {
  return make_message(kResultsTopic, new_message_id(), pack_result(result, sequence, total));
}

Result<ResultMessage> read_result(const Frames& frames) {
  const auto message = open_message(frames);
  if (!message) return failure(ErrorCode::kInternal, message.error());
  if (topic_of(frames) != kResultsTopic)
    return failure(ErrorCode::kInternal, "this is no result: it has another topic");
  return unpack_result(message->data);
}

Frames write_heartbeat(const rusage& usage, CalendarTime time) {
  MapPacker resources;
  resources["utime"].real(seconds(usage.ru_utime));
  resources["stime"].real(seconds(usage.ru_stime));
  const std::pair<std::string_view, long> counts[] = {
      {"maxrss", usage.ru_maxrss}, {"ixrss", usage.ru_ixrss},     {"idrss", usage.ru_idrss},
      {"isrss", usage.ru_isrss},   {"minflt", usage.ru_minflt},   {"majflt", usage.ru_majflt},
      {"nswap", usage.ru_nswap},   {"inblock", usage.ru_inblock}, {"oublock", usage.ru_oublock},
      {"msgsnd", usage.ru_msgsnd}, {"msgrcv", usage.ru_msgrcv},   {"nsignals", usage.ru_nsignals},
      {"nvcsw", usage.ru_nvcsw},   {"nivcsw", usage.ru_nivcsw}};
  for (const auto& [name, count] : counts) resources[name].integer(count);
  MapPacker data;
  data["systemtime"].text(rfc3339(time));
  data["resources"].raw(resources.take());
  return make_message(kHeartbeatTopic, new_message_id(), data.take());
}

std::string new_welcome_topic() {
  std::string topic(kWelcomeTopic);
  for (const std::uint8_t byte : new_message_id()) {
    topic += kHexDigits[byte >> 4U];
    topic += kHexDigits[byte & 0x0fU];
  }
  return topic;
}

bool is_welcome_topic(std::string_view topic) {
  if (!topic.starts_with(kWelcomeTopic)) return false;
  topic.remove_prefix(kWelcomeTopic.size());
  return topic.size() == 2 * sizeof(MessageId) && topic.find_first_not_of(kHexDigits) == std::string_view::npos;
}

Frames write_welcome(std::string_view topic, CalendarTime time) {
  MapPacker data;
  data["systemtime"].text(rfc3339(time));
  return make_message(topic, new_message_id(), data.take());
}

std::string_view topic_of(const Frames& frames) {
  return frames.empty() ? std::string_view{} : std::string_view(frames.front());
}

}  // namespace curlew
