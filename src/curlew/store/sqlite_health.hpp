#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "curlew/base/log.hpp"
#include "curlew/store/sqlite_connection.hpp"
#include "curlew/store/store_error.hpp"

namespace curlew {

inline StoreError to_store_error(const SqliteFailure& failure) {
  return StoreError{.code = StoreError::Code::kUnavailable, .message = failure.what};
}

/// Whether the file can be written, and why not. Damage stays until the program starts again.
///
/// Threads: any.
class SqliteHealth {
 public:
  void note_failure(const SqliteFailure& failure) {
    const std::scoped_lock lock(mutex_);
    if (!trouble_ || *trouble_ != failure.what) log_error("store: {}", failure.what);
    trouble_ = failure.what;
    is_damaged_ = is_damaged_ || failure.kind == SqliteFailure::Kind::kDamaged;
  }

  /// Something was written. True where that ends trouble.
  bool note_success() {
    const std::scoped_lock lock(mutex_);
    if (!trouble_ || is_damaged_) return false;
    log_warning("store: can be written again");
    trouble_.reset();
    return true;
  }

  std::optional<StoreError> trouble() const {
    const std::scoped_lock lock(mutex_);
    if (!trouble_) return std::nullopt;
    return StoreError{.code = StoreError::Code::kUnavailable, .message = *trouble_};
  }

 private:
  mutable std::mutex mutex_;
  std::optional<std::string> trouble_;
  bool is_damaged_ = false;
};

}  // namespace curlew
