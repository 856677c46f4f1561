#include "curlew/store/sqlite_expiry.hpp"

#include "curlew/store/job_store.hpp"

namespace curlew {

StoreResult<std::size_t> SqliteExpiry::run(SqliteLedger& ledger) {
  ledger.remove_old_tombstones();
  std::size_t items = 0;
  std::size_t batches = 0;
  for (const BatchRow& over : ledger.reads().over(ledger.time(), kExpiryPieceBatches)) {
    BatchRow* batch = ledger.batch(over.status.id);
    ++batches;
    if (batch == nullptr || batch->status.expires_at > ledger.time()) continue;
    items += batch->status.total;
    if (batch->status.ended() || batch->ending != Ending::kNone) {
      removed_.push_back(batch->key);
      ledger.remove(*batch, ledger.time() + keep_tombstone_);
    } else {
      end(ledger, *batch);
    }
    if (items >= kExpiryPieceItems) break;
  }
  has_more_ = items >= kExpiryPieceItems || batches == kExpiryPieceBatches;
  return removed_.size();
}

void SqliteExpiry::end(SqliteLedger& ledger, BatchRow& batch) {
  batch.ending = Ending::kExpired;
  batch.status.expires_at = ledger.time() + kLastLook;
  ledger.touch(batch);
  ended_.emplace_back(batch.key, open_.begin_ending(batch.key, Ending::kExpired));
  ledger.end_items(batch, ended_.back().second);
}

void SqliteExpiry::kept() {
  for (const auto key : removed_) open_.remove(key);
}

void SqliteExpiry::undo() {
  for (const auto& [key, indexes] : ended_) open_.undo_ending(key, indexes);
}

}  // namespace curlew
