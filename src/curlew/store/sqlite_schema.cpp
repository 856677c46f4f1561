#include "curlew/store/sqlite_schema.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace curlew {
namespace {

/// "Crlw": tells our files from those of other programs.
constexpr std::int64_t kApplicationId = 0x43726c77;

/// An item and its result are one row, so that no item can have two. What clients sent is kept as BLOB, since it need
/// not be UTF-8.
constexpr const char* kFirstSchema = R"(
CREATE TABLE batches (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  task INTEGER NOT NULL,
  model BLOB NOT NULL,
  top INTEGER NOT NULL,
  threshold REAL NOT NULL,
  total INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  ending INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  expires_ms INTEGER NOT NULL,
  request BLOB UNIQUE,
  fingerprint BLOB
);
CREATE INDEX batches_by_expiry ON batches (expires_ms);
CREATE INDEX open_batches ON batches (key) WHERE ended_ms IS NULL;
CREATE TABLE items (
  batch INTEGER NOT NULL,
  place INTEGER NOT NULL,
  text BLOB NOT NULL,
  problem BLOB NOT NULL,
  sequence INTEGER,
  outcome BLOB,
  PRIMARY KEY (batch, place)
) WITHOUT ROWID;
CREATE UNIQUE INDEX results ON items (batch, sequence) WHERE sequence IS NOT NULL;
CREATE TABLE tombstones (
  id TEXT PRIMARY KEY,
  until_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tombstones_by_end ON tombstones (until_ms);
)";

/// Batches whose results are published, and by whom.
constexpr const char* kPublishers = "ALTER TABLE batches ADD COLUMN publisher BLOB NOT NULL DEFAULT x''";

/// Whether results hold a small picture.
constexpr const char* kThumbnails = "ALTER TABLE batches ADD COLUMN thumbnail INTEGER NOT NULL DEFAULT 0";

constexpr std::array<const char*, 3> kMigrations{kFirstSchema, kPublishers, kThumbnails};

/// FULL syncs the log at each commit, so that what was answered outlives a power cut as well as kill -9. NORMAL would
/// outlive the latter only, and after the former a client could have seen a sequence number that is given out again.
/// Commits are shared, so that syncs cost little.
/// The log is cut back to 16 MiB after a burst.
constexpr const char* kHowToWrite = R"(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 16777216;
PRAGMA temp_store = MEMORY;
PRAGMA cell_size_check = ON;
PRAGMA trusted_schema = OFF;
)";

bool is_new_file(SqliteConnection& connection) {
  return connection.number("PRAGMA application_id") == 0 && connection.number("PRAGMA user_version") == 0 &&
         connection.number("SELECT count(*) FROM sqlite_master") == 0;
}

}  // namespace

std::span<const char* const> sqlite_migrations() { return kMigrations; }

void prepare_schema(SqliteConnection& connection, std::span<const char* const> migrations) {
  const bool is_new = is_new_file(connection);
  if (!is_new && connection.number("PRAGMA application_id") != kApplicationId) connection.fail(SQLITE_NOTADB);
  const auto version = static_cast<std::size_t>(connection.number("PRAGMA user_version"));
  if (version > migrations.size()) {
    throw SqliteFailure{
        .kind = SqliteFailure::Kind::kDamaged,
        .what = fmt::format("{} is of a newer Curlew (schema {}; this one knows {}): start that one, or choose another "
                            "file",
                            connection.file(), version, migrations.size())};
  }
  // Before the first page is written: pages that become free are then given back to the disk.
  if (is_new) connection.run("PRAGMA auto_vacuum = INCREMENTAL");
  connection.run(kHowToWrite);
  if (version == migrations.size()) return;
  connection.run("BEGIN IMMEDIATE");
  for (const char* migration : migrations.subspan(version)) connection.run(migration);
  connection.run(fmt::format("PRAGMA application_id = {}", kApplicationId));
  connection.run(fmt::format("PRAGMA user_version = {}", migrations.size()));
  connection.run("COMMIT");
}

}  // namespace curlew
