#pragma once

#include <cstdint>

namespace curlew {

/// A number of bytes.
using ByteCount = std::uint64_t;

inline constexpr ByteCount kKiB = 1024;
inline constexpr ByteCount kMiB = 1024 * kKiB;
inline constexpr ByteCount kGiB = 1024 * kMiB;

}  // namespace curlew
