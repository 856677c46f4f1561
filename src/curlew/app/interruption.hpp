#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace curlew {

/// Blocks SIGINT and SIGTERM in this thread and in all that it starts from now on, and ignores SIGPIPE. To be called by
/// the main thread before any other thread is there.
void block_signals();

/// What SIGHUP does while an Interruption lives.
enum class Hangup : std::uint8_t {
  kEnds,   ///< the process, as without us
  kReload  ///< what on_hangup() said; nothing before it said anything
};

/// Listens for SIGINT and SIGTERM, and SIGHUP where it is to, while it lives. The first one does what `on_first` last
/// said; where nothing was said, it ends the process at once with status 130, since there is nothing to save. So does a
/// second one: whoever sends it does not want to wait.
class Interruption {
 public:
  /// Threads: the main thread, before any other is there, where SIGHUP is to be listened for.
  explicit Interruption(Hangup hangup = Hangup::kEnds);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Threads: `action` is called on the thread that listens, at most once, and never after this was called again.
  void on_first(std::function<void()> action);
  /// Threads: `action` is called on the thread that listens, and never after this was called again.
  void on_hangup(std::function<void()> action);
  bool happened() const { return happened_; }

 private:
  void listen();
  void act();
  std::mutex mutex_;
  std::function<void()> action_;
  std::function<void()> hangup_action_;
  std::atomic<bool> happened_ = false;
  int signal_fd_ = -1;
  int end_fd_ = -1;  ///< readable once this object goes
  std::jthread thread_;
};

}  // namespace curlew
