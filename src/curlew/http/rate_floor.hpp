#pragma once

#include <chrono>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/clock.hpp"

namespace curlew {

/// Watches that bytes come at no less than a rate, window by window.
class RateFloor {
 public:
  RateFloor(ByteCount bytes_per_s, Duration window, TimePoint start)
      : floor_(bytes_per_s *
               static_cast<ByteCount>(std::chrono::duration_cast<std::chrono::milliseconds>(window).count()) / 1000),
        window_(window),
        begin_(start) {}

  void add(ByteCount bytes) { bytes_ += bytes; }

  /// When the window ends, and too_slow is to be asked.
  TimePoint deadline() const { return begin_ + window_; }

  /// Whether a window has ended with too few bytes in it; if it has ended with enough, the next one begins.
  bool too_slow(TimePoint time) {
    if (time < deadline()) return false;
    if (bytes_ < floor_) return true;
    begin_ = time;
    bytes_ = 0;
    return false;
  }

 private:
  ByteCount floor_;
  Duration window_;
  TimePoint begin_;
  ByteCount bytes_ = 0;
};

}  // namespace curlew
