#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace curlew {

/// A queue in which groups take turns: a group with one value waits for one value of each other group, however many
/// those have.
///
/// Its size is bounded by whoever pushes: every value carries a permit.
/// Threads: any number on both sides; push never blocks.
template <class Group, class T>
class FairQueue {
 public:
  /// False, and the value is dropped, once the queue is closed.
  bool push(const Group& group, T value) {
    const std::scoped_lock lock(mutex_);
    if (closed_) return false;
    auto& values = groups_[group];
    if (values.empty()) turns_.push_back(group);
    values.push_back(std::move(value));
    ++size_;
    filled_.notify_one();
    return true;
  }

  /// Waits for a value; nothing once the queue is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return closed_ || !turns_.empty(); });
    if (turns_.empty()) return std::nullopt;
    const Group group = std::move(turns_.front());
    turns_.pop_front();
    const auto it = groups_.find(group);
    std::optional<T> value(std::move(it->second.front()));
    it->second.pop_front();
    --size_;
    if (it->second.empty()) {
      groups_.erase(it);
    } else {
      turns_.push_back(group);
    }
    return value;
  }

  std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return size_;
  }

  /// No more values come in; those inside can still be taken.
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    filled_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::map<Group, std::deque<T>> groups_;
  std::deque<Group> turns_;  ///< each group that has a value, once
  std::size_t size_ = 0;
  bool closed_ = false;
};

}  // namespace curlew
