#include "curlew/fetch/retry_policy.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

namespace curlew {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstWait{200};           // a restarting origin needs about this
constexpr milliseconds kLongestWait{3000};        // unless the origin asks for more
constexpr seconds kLongestRetryAfter{24 * 3600};  // whatever is longer is "not now", and must not overflow

std::string trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(first);
  return std::string(text.substr(0, text.find_last_not_of(" \t") + 1));
}

}  // namespace

std::optional<Duration> wait_before_retry(const FailedTry& failed, double jitter) {
  if (!failed.error.retryable || failed.number >= failed.tries) return std::nullopt;
  const int doublings = std::clamp(failed.number - 1, 0, 8);
  const milliseconds longest = std::min(kFirstWait * (1 << doublings), kLongestWait);
  const std::chrono::duration<double, std::milli> spread = longest * (0.5 + 0.5 * std::clamp(jitter, 0.0, 1.0));
  const Duration wait = std::max(std::chrono::duration_cast<Duration>(spread), failed.retry_after.value_or(Duration{}));
  if (failed.elapsed >= failed.total || wait >= failed.total - failed.elapsed) return std::nullopt;
  return wait;
}

std::optional<Duration> parse_retry_after(std::string_view retry_after, std::string_view date,
                                          std::chrono::sys_seconds today) {
  const std::string value = trimmed(retry_after);
  if (value.empty()) return std::nullopt;
  if (std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    long long count = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
    if (error == std::errc::result_out_of_range) return kLongestRetryAfter;
    return std::min(seconds(std::min<long long>(count, kLongestRetryAfter.count())), kLongestRetryAfter);
  }
  const auto until = curl_getdate(value.c_str(), nullptr);
  if (until == -1) return std::nullopt;
  const auto sent = curl_getdate(trimmed(date).c_str(), nullptr);
  const long long since = sent == -1 ? today.time_since_epoch().count() : sent;
  return seconds(std::clamp<long long>(until - since, 0, kLongestRetryAfter.count()));
}

}  // namespace curlew
