#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

#include "curlew/store/sqlite_rows.hpp"

namespace curlew {

/// Items that were read together with one that was claimed, since lists are claimed nearly in their order.
///
/// Threads: one at a time, with the connection.
/// Cost:    one reading of the disk for kTogether items in order, and one for each item in the worst order.
class ItemsAhead {
 public:
  static constexpr std::uint32_t kTogether = 32;
  /// Of texts; what is held beyond goes, and is read again when its turn comes.
  static constexpr std::size_t kMaxBytes = 1'000'000;

  explicit ItemsAhead(SqliteReads& reads) : reads_(reads) {}

  /// An item without a result; once. Nothing where the batch has gone meanwhile. Throws: SqliteFailure.
  std::optional<NewItem> take(ClaimBoard::BatchKey batch, std::uint32_t index);

 private:
  std::optional<NewItem> find(ClaimBoard::BatchKey batch, std::uint32_t index);
  void read(ClaimBoard::BatchKey batch, std::uint32_t index);

  SqliteReads& reads_;
  std::unordered_map<ClaimBoard::BatchKey, std::map<std::uint32_t, NewItem>> items_;
  std::size_t bytes_ = 0;  ///< of texts in items_
};

}  // namespace curlew
