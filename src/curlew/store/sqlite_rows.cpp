#include "curlew/store/sqlite_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "curlew/store/result_codec.hpp"

namespace curlew {
namespace {

constexpr const char* kSelectBatch =
    "SELECT key, id, task, model, top, threshold, total, done, failed, cancelled, ending, created_ms, ended_ms, "
    "expires_ms, request, fingerprint, publisher, thumbnail FROM batches ";

std::int64_t to_number(CalendarTime time) { return time.time_since_epoch().count(); }
CalendarTime to_time(std::int64_t ms) { return CalendarTime(std::chrono::milliseconds(ms)); }
std::uint32_t to_count(std::int64_t number) { return static_cast<std::uint32_t>(number); }

BatchRow to_batch(const SqliteStatement::Rows& row) {
  BatchRow batch;
  BatchStatus& status = batch.status;
  batch.key = row.number(0);
  status.id = row.text(1);
  status.options = BatchOptions{.task = row.number(2) == 0 ? Task::kClassify : Task::kDetect,
                                .model = row.text(3),
                                .top = static_cast<int>(row.number(4)),
                                .threshold = static_cast<float>(row.real(5)),
                                .thumbnail = row.number(17) != 0,
                                .publisher = row.text(16)};
  status.total = to_count(row.number(6));
  status.done = to_count(row.number(7));
  status.failed = to_count(row.number(8));
  status.cancelled = to_count(row.number(9));
  const auto ending = row.number(10);
  batch.ending = ending == 0 ? Ending::kNone : ending == 1 ? Ending::kCancelled : Ending::kExpired;
  status.created_at = to_time(row.number(11));
  if (const auto ended = row.optional_number(12)) status.ended_at = to_time(*ended);
  status.expires_at = to_time(row.number(13));
  if (!row.is_null(14)) batch.request = IdempotencyKey{.key = row.text(14), .fingerprint = row.text(15)};
  return batch;
}

std::vector<BatchRow> to_batches(SqliteStatement::Rows rows) {
  std::vector<BatchRow> batches;
  while (rows.next()) batches.push_back(to_batch(rows));
  return batches;
}

std::optional<BatchRow> to_optional_batch(SqliteStatement::Rows rows) {
  if (!rows.next()) return std::nullopt;
  return to_batch(rows);
}

std::optional<std::int64_t> ended_ms(const BatchStatus& status) {
  if (!status.ended_at) return std::nullopt;
  return to_number(*status.ended_at);
}

}  // namespace

SqliteReads::SqliteReads(SqliteConnection& connection)
    : connection_(connection),
      batch_(connection, fmt::format("{} WHERE id = ?", kSelectBatch)),
      request_(connection, fmt::format("{} WHERE request = ?", kSelectBatch)),
      open_(connection, fmt::format("{} INDEXED BY open_batches WHERE ended_ms IS NULL ORDER BY key", kSelectBatch)),
      over_(connection, fmt::format("{} WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?", kSelectBatch)),
      tombstone_(connection, "SELECT 1 FROM tombstones WHERE id = ?"),
      item_(connection, "SELECT text, problem FROM items WHERE batch = ? AND place = ?"),
      items_(connection,
             "SELECT place, text, problem FROM items WHERE batch = ? AND place >= ? AND place < ? AND sequence IS NULL "
             "ORDER BY place"),
      waiting_(connection,
               "SELECT place, text, problem FROM items WHERE batch = ? AND sequence IS NULL ORDER BY place"),
      results_(connection,
               "SELECT sequence, place, text, outcome FROM items INDEXED BY results "
               "WHERE batch = ? AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?") {}

std::optional<BatchRow> SqliteReads::batch(const std::string& id) { return to_optional_batch(batch_.query(id)); }

std::optional<BatchRow> SqliteReads::batch_of_request(const std::string& idempotency_key) {
  return to_optional_batch(request_.query(Bytes{idempotency_key}));
}

std::vector<BatchRow> SqliteReads::open_batches() { return to_batches(open_.query()); }

std::vector<BatchRow> SqliteReads::over(CalendarTime time, std::size_t limit) {
  return to_batches(over_.query(to_number(time), limit));
}

bool SqliteReads::has_tombstone(const std::string& id) { return tombstone_.query(id).next(); }

std::optional<NewItem> SqliteReads::item(ClaimBoard::BatchKey batch, std::uint32_t index) {
  auto rows = item_.query(batch, index);
  if (!rows.next()) return std::nullopt;
  return NewItem{.text = rows.text(0), .problem = rows.text(1)};
}

std::vector<std::pair<std::uint32_t, NewItem>> SqliteReads::items_from(ClaimBoard::BatchKey batch, std::uint32_t index,
                                                                       std::uint32_t count) {
  std::vector<std::pair<std::uint32_t, NewItem>> items;
  auto rows = items_.query(batch, index, static_cast<std::uint64_t>(index) + count);
  while (rows.next()) {
    items.emplace_back(to_count(rows.number(0)), NewItem{.text = rows.text(1), .problem = rows.text(2)});
  }
  return items;
}

std::vector<ClaimBoard::Waiting> SqliteReads::items_without_result(ClaimBoard::BatchKey batch) {
  std::vector<ClaimBoard::Waiting> items;
  auto rows = waiting_.query(batch);
  while (rows.next()) {
    const NewItem item{.text = rows.text(1), .problem = rows.text(2)};
    items.push_back({.index = to_count(rows.number(0)), .origin = origin_of(item)});
  }
  return items;
}

std::vector<KeptResult> SqliteReads::results(const BatchRow& batch, std::uint32_t after, std::size_t limit) {
  std::vector<KeptResult> results;
  auto rows = results_.query(batch.key, after, batch.status.done, limit);
  while (rows.next()) {
    KeptResult& kept = results.emplace_back();
    kept.sequence = to_count(rows.number(0));
    kept.result.batch = batch.status.id;
    kept.result.index = to_count(rows.number(1));
    kept.result.url = rows.text(2);
    if (!decode_outcome(rows.bytes(3), kept.result)) connection_.fail(SQLITE_CORRUPT);
  }
  return results;
}

SqliteWrites::SqliteWrites(SqliteConnection& connection)
    : connection_(connection),
      add_batch_(connection,
                 "INSERT INTO batches (id, task, model, top, threshold, total, created_ms, ended_ms, expires_ms, "
                 "request, fingerprint, publisher, thumbnail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      add_item_(connection, "INSERT INTO items (batch, place, text, problem) VALUES (?, ?, ?, ?)"),
      keep_(connection,
            "UPDATE items SET sequence = ?, outcome = ? WHERE batch = ? AND place = ? AND sequence IS NULL"),
      update_(connection,
              "UPDATE batches SET done = ?, failed = ?, cancelled = ?, ending = ?, ended_ms = ?, expires_ms = ? "
              "WHERE key = ?"),
      remove_items_(connection, "DELETE FROM items WHERE batch = ?"),
      remove_batch_(connection, "DELETE FROM batches WHERE key = ?"),
      add_tombstone_(connection, "INSERT INTO tombstones (id, until_ms) VALUES (?, ?)"),
      remove_tombstones_(connection, "DELETE FROM tombstones WHERE until_ms <= ?") {}

void SqliteWrites::add(BatchRow& batch) {
  const BatchStatus& status = batch.status;
  std::optional<Bytes> request;
  std::optional<Bytes> fingerprint;
  if (batch.request) {
    request = Bytes{batch.request->key};
    fingerprint = Bytes{batch.request->fingerprint};
  }
  add_batch_.run(status.id, static_cast<int>(status.options.task), Bytes{status.options.model}, status.options.top,
                 static_cast<double>(status.options.threshold), status.total, to_number(status.created_at),
                 ended_ms(status), to_number(status.expires_at), request, fingerprint, Bytes{status.options.publisher},
                 status.options.thumbnail ? 1 : 0);
  batch.key = sqlite3_last_insert_rowid(connection_.get());
}

void SqliteWrites::add(ClaimBoard::BatchKey batch, std::uint32_t index, const NewItem& item) {
  add_item_.run(batch, index, Bytes{item.text}, Bytes{item.problem});
}

bool SqliteWrites::keep(ClaimBoard::BatchKey batch, const ItemResult& result, std::uint32_t sequence) {
  const std::string outcome = encode_outcome(result);
  return keep_.run(sequence, Bytes{outcome}, batch, result.index) == 1;
}

void SqliteWrites::update(const BatchRow& batch) {
  const BatchStatus& status = batch.status;
  update_.run(status.done, status.failed, status.cancelled, static_cast<int>(batch.ending), ended_ms(status),
              to_number(status.expires_at), batch.key);
}

void SqliteWrites::remove(const BatchRow& batch, CalendarTime tombstone_until) {
  remove_items_.run(batch.key);
  remove_batch_.run(batch.key);
  add_tombstone_.run(batch.status.id, to_number(tombstone_until));
}

void SqliteWrites::remove_tombstones(CalendarTime time) { remove_tombstones_.run(to_number(time)); }

}  // namespace curlew
