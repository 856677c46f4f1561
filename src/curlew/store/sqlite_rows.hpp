#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "curlew/store/batch.hpp"
#include "curlew/store/claim_board.hpp"
#include "curlew/store/sqlite_connection.hpp"
#include "curlew/store/stored_item.hpp"

namespace curlew {

/// A row of the table of batches.
struct BatchRow {
  ClaimBoard::BatchKey key = 0;
  BatchStatus status;  ///< without the phase, which depends on what is claimed
  Ending ending = Ending::kNone;
  std::optional<IdempotencyKey> request;
};

/// All that is read of a file. Throws: SqliteFailure. Threads: the connection's.
class SqliteReads {
 public:
  explicit SqliteReads(SqliteConnection& connection);

  std::optional<BatchRow> batch(const std::string& id);
  std::optional<BatchRow> batch_of_request(const std::string& idempotency_key);
  std::vector<BatchRow> open_batches();
  /// At most `limit` batches whose time is over, the oldest first.
  std::vector<BatchRow> over(CalendarTime time, std::size_t limit);
  bool has_tombstone(const std::string& id);

  /// Nothing where the batch has gone meanwhile.
  std::optional<NewItem> item(ClaimBoard::BatchKey batch, std::uint32_t index);
  /// Those without a result among the `count` places from `index` on, by place.
  std::vector<std::pair<std::uint32_t, NewItem>> items_from(ClaimBoard::BatchKey batch, std::uint32_t index,
                                                            std::uint32_t count);
  std::vector<ClaimBoard::Waiting> items_without_result(ClaimBoard::BatchKey batch);
  /// Those whose sequence number is above `after`, and no result that `batch` has not counted.
  std::vector<KeptResult> results(const BatchRow& batch, std::uint32_t after, std::size_t limit);

 private:
  SqliteConnection& connection_;
  SqliteStatement batch_;
  SqliteStatement request_;
  SqliteStatement open_;
  SqliteStatement over_;
  SqliteStatement tombstone_;
  SqliteStatement item_;
  SqliteStatement items_;
  SqliteStatement waiting_;
  SqliteStatement results_;
};

/// All that is written to a file, within a transaction. Throws: SqliteFailure. Threads: the connection's.
class SqliteWrites {
 public:
  explicit SqliteWrites(SqliteConnection& connection);

  /// Adds the row and gives it its key.
  void add(BatchRow& batch);
  void add(ClaimBoard::BatchKey batch, std::uint32_t index, const NewItem& item);
  /// False, and nothing is written, where the item has a result or does not exist.
  bool keep(ClaimBoard::BatchKey batch, const ItemResult& result, std::uint32_t sequence);
  /// Writes counts, times and ending of the row.
  void update(const BatchRow& batch);
  /// Removes batch, items and results, and leaves a tombstone.
  void remove(const BatchRow& batch, CalendarTime tombstone_until);
  void remove_tombstones(CalendarTime time);

 private:
  SqliteConnection& connection_;
  SqliteStatement add_batch_;
  SqliteStatement add_item_;
  SqliteStatement keep_;
  SqliteStatement update_;
  SqliteStatement remove_items_;
  SqliteStatement remove_batch_;
  SqliteStatement add_tombstone_;
  SqliteStatement remove_tombstones_;
};

}  // namespace curlew
