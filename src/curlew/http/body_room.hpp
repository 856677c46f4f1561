#pragma once

#include <atomic>
#include <memory>

#include "curlew/base/byte_count.hpp"

namespace curlew {

/// The bytes of all request bodies in memory.
///
/// Threads: any.
class BodyBudget {
 public:
  explicit BodyBudget(ByteCount limit) : limit_(limit) {}

  /// False, and nothing is taken, where that would be too much.
  bool take(ByteCount bytes) {
    ByteCount used = used_.load();
    while (used + bytes <= limit_) {
      if (used_.compare_exchange_weak(used, used + bytes)) return true;
    }
    return false;
  }
  void give_back(ByteCount bytes) { used_ -= bytes; }
  ByteCount used() const { return used_.load(); }

 private:
  const ByteCount limit_;
  std::atomic<ByteCount> used_ = 0;
};

/// What one body has of it, until it goes.
class BodyRoom {
 public:
  explicit BodyRoom(std::shared_ptr<BodyBudget> budget) : budget_(std::move(budget)) {}
  BodyRoom(const BodyRoom&) = delete;
  BodyRoom& operator=(const BodyRoom&) = delete;
  ~BodyRoom() { budget_->give_back(bytes_); }

  bool grow_to(ByteCount bytes) {
    if (bytes <= bytes_) return true;
    if (!budget_->take(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }

 private:
  std::shared_ptr<BodyBudget> budget_;
  ByteCount bytes_ = 0;
};

}  // namespace curlew
