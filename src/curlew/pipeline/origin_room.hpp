#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

namespace curlew {

/// Counts the transfers under way to each origin against a limit, so that one origin's items neither flood it nor take
/// all permits from the others.
///
/// Threads: any.
class OriginRoom {
 public:
  explicit OriginRoom(int limit) : limit_(limit) {}

  bool has_room(const std::string& origin) const {
    const std::scoped_lock lock(mutex_);
    const auto it = under_way_.find(origin);
    return it == under_way_.end() || it->second < limit_;
  }

  void enter(const std::string& origin) {
    const std::scoped_lock lock(mutex_);
    ++under_way_[origin];
  }

  void leave(const std::string& origin) {
    const std::scoped_lock lock(mutex_);
    const auto it = under_way_.find(origin);
    if (it != under_way_.end() && --it->second == 0) under_way_.erase(it);
  }

 private:
  const int limit_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, int> under_way_;
};

}  // namespace curlew
