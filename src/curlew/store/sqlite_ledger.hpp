#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "curlew/store/news.hpp"
#include "curlew/store/sqlite_rows.hpp"

namespace curlew {

/// What one transaction does: the rows that it has read and changed, and what there is to tell when it is durable.
///
/// Threads: the writer's. Throws: SqliteFailure; the transaction is rolled back then, and the ledger of no more use.
class SqliteLedger {
 public:
  SqliteLedger(SqliteReads& reads, SqliteWrites& writes, CalendarTime time)
      : reads_(reads), writes_(writes), time_(time) {}

  CalendarTime time() const { return time_; }
  SqliteReads& reads() { return reads_; }

  /// The batch as this transaction sees it; nothing where there is none. Valid as long as the ledger.
  BatchRow* batch(const std::string& id);
  BatchRow* batch_of_request(const std::string& idempotency_key);
  BatchRow& add(BatchRow batch, const std::vector<NewItem>& items);
  /// Keeps the result as the item's own and the batch's next. False where the item has one, or does not exist.
  bool keep(BatchRow& batch, ItemResult result);
  /// Keeps an ended_result for each of the items that has no result.
  void end_items(BatchRow& batch, const std::vector<std::uint32_t>& indexes);
  /// The row has been changed by its caller.
  void touch(const BatchRow& batch) { touched_.insert(batch.status.id); }
  void remove(const BatchRow& batch, CalendarTime tombstone_until);
  void remove_old_tombstones() { writes_.remove_tombstones(time_); }
  /// Writes the rows that were changed; the last thing before the commit.
  void flush();

  std::size_t added_items() const { return added_items_; }
  const std::vector<ClaimBoard::Place>& finished() const { return finished_; }
  std::vector<NewResults> take_news() { return news_.take(); }
  /// The batches whose rows were written, but for new ones, as they are now.
  std::vector<BatchStatus> changed() const;
  /// Ids of batches.
  const std::vector<std::string>& removed() const { return removed_; }

 private:
  SqliteReads& reads_;
  SqliteWrites& writes_;
  const CalendarTime time_;
  std::map<std::string, std::optional<BatchRow>> batches_;
  std::set<std::string> touched_;
  std::vector<std::string> removed_;
  std::vector<ClaimBoard::Place> finished_;
  std::size_t added_items_ = 0;
  News news_;
};

}  // namespace curlew
