#pragma once

#include <atomic>
#include <cstdint>

#include "curlew/base/wake_fd.hpp"

namespace curlew {

/// Ends the wait of one thread from any other, and costs the kernel something only where that thread does wait.
///
/// The thread that waits calls may_wait(), then polls fd(), then waited(), and looks for its news only after that: a
/// wake() at any moment makes the next may_wait() false, or fd() readable, until waited().
///
/// Errors:  the constructor throws std::system_error where the kernel has no more files.
/// Threads: wake() from any; the rest from the one that waits.
class WakeSignal {
 public:
  void wake();

  /// Whether nobody has called wake() since the last waited().
  bool may_wait();
  /// `readable`: whether fd() was.
  void waited(bool readable);
  int fd() const { return fd_.get(); }

 private:
  enum class State : std::uint8_t { kAwake, kWaiting, kWoken };

  WakeFd fd_;
  std::atomic<State> state_ = State::kAwake;
};

}  // namespace curlew
