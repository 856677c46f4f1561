#pragma once

#include "curlew/base/unique_fd.hpp"

namespace curlew {

/// Wakes a thread that polls.
///
/// Threads: any.
class WakeFd {
 public:
  WakeFd();
  int get() const { return fd_.get(); }
  /// Makes it readable.
  void wake() const;
  /// Makes it unreadable again.
  void clear() const;

 private:
  UniqueFd fd_;
};

}  // namespace curlew
