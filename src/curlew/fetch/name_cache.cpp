#include "curlew/fetch/name_cache.hpp"

#include <algorithm>
#include <utility>

namespace curlew {

std::optional<std::vector<IpAddress>> NameCache::find(const std::string& host, TimePoint at) const {
  const auto entry = entries_.find(host);
  if (entry == entries_.end() || entry->second.stale_at <= at) return std::nullopt;
  return entry->second.addresses;
}

void NameCache::put(const std::string& host, std::vector<IpAddress> addresses, Duration time_to_live, TimePoint at) {
  if (capacity_ == 0 || time_to_live <= Duration::zero()) {
    entries_.erase(host);
    return;
  }
  if (!entries_.contains(host) && entries_.size() >= capacity_) make_room(at);
  entries_[host] = Entry{.addresses = std::move(addresses), .stale_at = at + std::min(time_to_live, longest_)};
}

void NameCache::make_room(TimePoint at) {
  std::erase_if(entries_, [at](const auto& entry) { return entry.second.stale_at <= at; });
  if (entries_.size() < capacity_) return;
  entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                  [](const auto& a, const auto& b) { return a.second.stale_at < b.second.stale_at; }));
}

}  // namespace curlew
