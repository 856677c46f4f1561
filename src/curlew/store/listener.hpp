#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace curlew {

/// A function that is told of something, and can be taken away safely.
///
/// Threads: any; no lock is held while the function runs.
template <class... Args>
class Listener {
 public:
  using Function = std::function<void(Args...)>;

  /// From now on `function` is told, and the one before is not running any more; but it may take itself away.
  void set(Function function) {
    std::unique_lock lock(mutex_);
    function_ = std::move(function);
    const auto self = std::this_thread::get_id();
    left_.wait(lock, [&] { return std::ranges::all_of(inside_, [&](auto id) { return id == self; }); });
  }

  void tell(Args... args) {
    Function function;
    {
      const std::scoped_lock lock(mutex_);
      if (!function_) return;
      function = function_;
      inside_.push_back(std::this_thread::get_id());
    }
    function(args...);
    const std::scoped_lock lock(mutex_);
    inside_.erase(std::ranges::find(inside_, std::this_thread::get_id()));
    left_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  Function function_;
  std::vector<std::thread::id> inside_;  ///< who is in the function now
};

}  // namespace curlew
