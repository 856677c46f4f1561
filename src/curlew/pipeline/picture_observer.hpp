#pragma once

#include <cstddef>
#include <span>

#include "curlew/core/item.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/decode/decoder.hpp"

namespace curlew {

/// Sees each picture that was named, while its bytes are still there.
class PictureObserver {
 public:
  PictureObserver() = default;
  PictureObserver(const PictureObserver&) = delete;
  PictureObserver& operator=(const PictureObserver&) = delete;
  virtual ~PictureObserver() = default;

  /// Called with what a worker made of `bytes`, before the result is delivered; `decoder` is that worker's. It may add
  /// to `success`, which is delivered as it is then. What is thrown is logged, and costs no result.
  ///
  /// Threads: any worker's, several at once.
  /// Cost:    counts into the item's total_ms.
  virtual void named(const Item& item, std::span<const std::byte> bytes, Success& success, Decoder& decoder) = 0;
};

}  // namespace curlew
