#pragma once

#include <algorithm>
#include <cstddef>

namespace curlew {

/// How many items to have in flight where others claim from the same source: as few as keep the workers busy, so that
/// the last items of a list do not wait behind one machine's workers while those of another have nothing to do.
///
/// Threads: one at a time.
class FlightWindow {
 public:
  /// Shape: 1 <= least <= most.
  FlightWindow(std::size_t least, std::size_t most) : least_(least), most_(most), size_(least) {}

  std::size_t size() const { return size_; }

  /// A worker has nothing to do while `in_flight` items are under way: with a full window there are too few of them.
  void starved(std::size_t in_flight) {
    if (in_flight >= size_) size_ = std::min(most_, size_ * 2);
  }

  /// `waiting` fetched items lie before `workers` workers: more than one for each are too many.
  void fetched(std::size_t waiting, std::size_t workers) {
    if (waiting > workers) size_ = std::max(least_, size_ - 1);
  }

 private:
  const std::size_t least_;
  const std::size_t most_;
  std::size_t size_;
};

}  // namespace curlew
