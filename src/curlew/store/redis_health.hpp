#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/store/redis_reply.hpp"
#include "curlew/store/store_error.hpp"

namespace curlew {

inline StoreError to_store_error(const RedisFailure& failure) {
  return StoreError{.code = StoreError::Code::kUnavailable, .message = failure.what};
}

/// Whether Redis can be asked and written to, and why not.
///
/// Threads: any.
class RedisHealth {
 public:
  /// `on_trouble` is called, without a lock held, for each failure that is noted.
  explicit RedisHealth(std::function<void()> on_trouble) : on_trouble_(std::move(on_trouble)) {}

  void note_failure(const RedisFailure& failure) {
    {
      const std::scoped_lock lock(mutex_);
      if (!trouble_ || trouble_->what != failure.what) log_error("store: {}", failure.what);
      trouble_ = failure;
    }
    on_trouble_();
  }

  /// Something was written. True where that ends trouble.
  bool note_success() {
    const std::scoped_lock lock(mutex_);
    if (!trouble_) return false;
    log_warning("store: can be written again");
    trouble_.reset();
    return true;
  }

  std::optional<RedisFailure> trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_;
  }

  /// The trouble in which asking is of no use, either: whoever asks would wait for nothing.
  std::optional<RedisFailure> absence() const {
    const auto trouble = this->trouble();
    const bool is_there =
        !trouble || trouble->kind == RedisFailure::Kind::kHeld || trouble->kind == RedisFailure::Kind::kFault;
    return is_there ? std::nullopt : trouble;
  }

 private:
  const std::function<void()> on_trouble_;
  mutable std::mutex mutex_;
  std::optional<RedisFailure> trouble_;
};

}  // namespace curlew
