#pragma once

#include <atomic>
#include <cstdint>

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
  WakeSignal();
  ~WakeSignal();
  WakeSignal(const WakeSignal&) = delete;
  WakeSignal& operator=(const WakeSignal&) = delete;

  void wake();

  /// Whether nobody has called wake() since the last waited().
  bool may_wait();
  /// `readable`: whether fd() was.
  void waited(bool readable);
  int fd() const { return fd_; }

 private:
  enum class State : std::uint8_t { kAwake, kWaiting, kWoken };

  int fd_;
  std::atomic<State> state_ = State::kAwake;
};

}  // namespace curlew
