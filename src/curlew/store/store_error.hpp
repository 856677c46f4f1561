#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "curlew/base/result.hpp"

namespace curlew {

/// Why the store did not do what was asked.
struct StoreError {
  enum class Code : std::uint8_t {
    kNotFound,     ///< there is no such batch
    kExpired,      ///< there was one, and its time is over
    kFull,         ///< as many items are open as may be; passes
    kKeyReused,    ///< the idempotency key belongs to a request that asked for something else
    kKeyInFlight,  ///< a request with this idempotency key is being kept right now; passes
    kNoPictures,   ///< this store keeps addresses only
    kInUse,        ///< another process works with the same file
    kUnavailable   ///< disk full, file locked or damaged, server away; passes, but for damage
  };
  Code code = Code::kUnavailable;
  std::string message;  ///< for the operator: what is wrong and what to do. Of kUnavailable and kInUse it may name a
                        ///< local path, so clients are not shown it.
};

template <class T>
using StoreResult = Result<T, StoreError>;

inline tl::unexpected<StoreError> store_failure(StoreError::Code code, std::string message) {
  return tl::make_unexpected(StoreError{.code = code, .message = std::move(message)});
}

}  // namespace curlew
