#pragma once

#include <cstddef>
#include <string>

#include "curlew/base/byte_count.hpp"

namespace curlew {

/// A longer list is refused as a whole: it is a mistake, or too much for one request. The key limits.list_items changes
/// it.
inline constexpr std::size_t kMaxListItems = 10'000;

/// As much as is kept of one line or cell; enough to show what it was, and too long to be a URL (kMaxUrlBytes).
inline constexpr ByteCount kMaxEntryBytes = 64 * kKiB;

/// Who reads a list from a file or from standard input stops here: 10,000 URLs of a sane length are less than 2 MiB.
inline constexpr ByteCount kMaxListBytes = 64 * kMiB;

/// One place of a list, before anybody has looked whether it is a URL.
struct ListEntry {
  std::string text;      ///< letter for letter, but cut at kMaxEntryBytes
  std::size_t line = 0;  ///< where it began in its file, from 1; 0 where it came from no file
  std::string problem;   ///< why it cannot be a URL, for the client; empty: nothing is known against it
};

/// Why a whole list cannot be read. One bad entry is never a reason: it becomes an item with an error.
struct ListError {
  std::string message;
};

}  // namespace curlew
