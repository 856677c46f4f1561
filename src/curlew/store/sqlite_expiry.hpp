#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "curlew/store/open_batches.hpp"
#include "curlew/store/sqlite_ledger.hpp"
#include "curlew/store/store_error.hpp"

namespace curlew {

/// As many items go in one transaction when batches expire, so that others need not wait long for theirs.
inline constexpr std::size_t kExpiryPieceItems = 5000;
inline constexpr std::size_t kExpiryPieceBatches = 200;

/// One transaction's part of letting go what is old: batches that are over go, those that have not ended end.
///
/// Threads: the writer's, but has_more.
class SqliteExpiry {
 public:
  SqliteExpiry(OpenBatches& open, std::chrono::milliseconds keep_tombstone)
      : open_(open), keep_tombstone_(keep_tombstone) {}

  /// How many batches go.
  StoreResult<std::size_t> run(SqliteLedger& ledger);
  void kept();
  void undo();
  bool has_more() const { return has_more_; }

 private:
  void end(SqliteLedger& ledger, BatchRow& batch);

  OpenBatches& open_;
  const std::chrono::milliseconds keep_tombstone_;
  std::vector<ClaimBoard::BatchKey> removed_;
  std::vector<std::pair<ClaimBoard::BatchKey, std::vector<std::uint32_t>>> ended_;  ///< which items of which batch
  bool has_more_ = false;
};

}  // namespace curlew
