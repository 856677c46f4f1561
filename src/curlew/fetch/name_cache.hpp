#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/fetch/address.hpp"

namespace curlew {

/// Remembers the addresses of names for as long as their servers allow, and no longer than `longest`.
///
/// Shape: at most `capacity` names; the one that goes stale first makes room.
class NameCache {
 public:
  NameCache(std::size_t capacity, Duration longest) : capacity_(capacity), longest_(longest) {}

  std::optional<std::vector<IpAddress>> find(const std::string& host, TimePoint at) const;
  void put(const std::string& host, std::vector<IpAddress> addresses, Duration time_to_live, TimePoint at);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::vector<IpAddress> addresses;
    TimePoint stale_at;
  };
  void make_room(TimePoint at);

  std::size_t capacity_;
  Duration longest_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace curlew
