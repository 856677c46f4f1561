#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace curlew {

/// Blocks SIGINT and SIGTERM in this thread and in all that it starts from now on, and ignores SIGPIPE. To be called by
/// the main thread before any other thread is there.
void block_signals();

/// Listens for SIGINT and SIGTERM while it lives. The first one calls `on_signal` on a thread of its own; a second one ends
/// the process at once, since whoever sends it does not want to wait.
class Interruption {
 public:
  explicit Interruption(std::function<void()> on_signal);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  bool happened() const { return happened_; }

 private:
  void listen();
  std::function<void()> on_signal_;
  std::atomic<bool> happened_ = false;
  int signal_fd_ = -1;
  int end_fd_ = -1;  ///< readable once this object goes
  std::jthread thread_;
};

}  // namespace curlew
