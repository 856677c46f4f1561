#pragma once

#include <mutex>
#include <ostream>
#include <string>
#include <string_view>

#include "curlew/app/streams.hpp"

namespace curlew {

/// One line at the bottom of a terminal that is drawn over and over (a progress bar); nothing where stderr is none.
///
/// Threads: any.
class StatusLine {
 public:
  /// `hidden`: never draw, because logs go to the same place.
  StatusLine(const Streams& streams, bool hidden) : streams_(streams), visible_(streams.err_is_terminal && !hidden) {}
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  bool visible() const { return visible_; }
  std::size_t width() const { return streams_.err_width; }

  void show(const std::string& line) {
    const std::scoped_lock lock(mutex_);
    if (!visible_ || line == shown_) return;
    streams_.err << "\r" << line << "\x1b[K" << std::flush;
    shown_ = line;
  }

  void clear() {
    const std::scoped_lock lock(mutex_);
    clear_locked();
  }

  /// Writes to stdout, with the line out of its way where both are one terminal. False once stdout takes no more.
  bool write_out(std::string_view text) {
    const std::scoped_lock lock(mutex_);
    if (streams_.out_is_terminal) clear_locked();
    streams_.out << text << std::flush;
    return streams_.out.good();
  }

 private:
  void clear_locked() {
    if (shown_.empty()) return;
    streams_.err << "\r\x1b[K" << std::flush;
    shown_.clear();
  }

  const Streams& streams_;
  const bool visible_;
  std::mutex mutex_;
  std::string shown_;
};

}  // namespace curlew
