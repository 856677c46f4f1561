#include "curlew/store/sqlite_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/unique_fd.hpp"
#include "curlew/store/file_lock.hpp"
#include "curlew/store/items_ahead.hpp"
#include "curlew/store/listener.hpp"
#include "curlew/store/open_batches.hpp"
#include "curlew/store/recent_results.hpp"
#include "curlew/store/sqlite_expiry.hpp"
#include "curlew/store/sqlite_schema.hpp"
#include "curlew/store/sqlite_writer.hpp"
#include "curlew/store/store_messages.hpp"
#include "curlew/store/uuid_v7.hpp"

namespace curlew {
namespace {

/// Of results that need not be read from the disk: some thousands.
constexpr std::size_t kRecentBytes = 4 * kMiB;

class SqliteStore : public JobStore {
 public:
  SqliteStore(SqliteOptions options, FileLock lock, std::unique_ptr<SqliteConnection> write_connection,
              std::unique_ptr<SqliteConnection> read_connection);

  StoreResult<Created> create(NewBatch batch) override;
  StoreResult<std::vector<Claim>> claim(std::size_t max_items, const RoomOf& room_of) override;
  void renew_leases() override {}
  std::future<std::vector<Completion>> complete(std::vector<ItemResult> results) override;
  void give_back(std::span<const ItemKey> items) override;
  StoreResult<BatchStatus> cancel(const std::string& batch) override;
  StoreResult<BatchStatus> status(const std::string& batch) override;
  StoreResult<ResultPage> results(const std::string& batch, std::uint32_t after, std::size_t limit) override;
  StoreResult<std::size_t> expire() override;
  StoreCounts counts() const override;
  std::optional<StoreError> trouble() const override { return health_.trouble(); }
  void set_on_work(std::function<void()> on_work) override { on_work_.set(std::move(on_work)); }
  void set_on_results(std::function<void(const NewResults&)> on_results) override {
    on_results_.set(std::move(on_results));
  }

 private:
  /// Waits until `action` is durable, and gives back what it said. `kept` or `lost` runs before, on the writer's
  /// thread.
  template <class T>
  StoreResult<T> write(std::function<StoreResult<T>(SqliteLedger&)> action, std::function<void()> kept,
                       std::function<void()> lost);
  template <class Action>
  auto read(const Action& action) -> decltype(action());
  void recover();
  StoreResult<BatchRow> find(const std::string& id);
  StoreResult<Created> create_in(SqliteLedger& ledger, const NewBatch& batch, BatchRow& row) const;
  StoreResult<std::vector<Claim>> read_claims(const std::vector<OpenBatches::Claimed>& claimed);
  void end_items(std::vector<ItemKey> items);
  void after_commit(SqliteLedger& ledger);
  TimePoint due_of(const std::vector<ItemResult>& results);
  void note_written(std::size_t results);

  const SqliteOptions options_;
  const FileLock lock_;
  SqliteHealth health_;
  OpenBatches open_;
  std::mutex requests_mutex_;
  std::unordered_map<std::string, std::string> requests_in_flight_;  ///< idempotency key -> fingerprint
  std::atomic<std::size_t> unwritten_ = 0;                           ///< results
  std::atomic<bool> held_ = false;  ///< whether claim has given nothing because too many results were unwritten
  RecentResults recent_{kRecentBytes};
  Listener<> on_work_;
  Listener<const NewResults&> on_results_;
  std::mutex read_mutex_;  ///< of the connection for reading and its statements
  const std::unique_ptr<SqliteConnection> read_connection_;
  SqliteReads reads_;
  ItemsAhead ahead_;
  SqliteWriter writer_;  ///< the last: its thread uses all of the above
};

SqliteStore::SqliteStore(SqliteOptions options, FileLock lock, std::unique_ptr<SqliteConnection> write_connection,
                         std::unique_ptr<SqliteConnection> read_connection)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      read_connection_(std::move(read_connection)),
      reads_(*read_connection_),
      ahead_(reads_),
      writer_(std::move(write_connection), health_, options_.calendar,
              SqliteWriter::Hooks{.committing = [this] { recent_.hide(); },
                                  .failed = [this] { recent_.forget_all(); },
                                  .committed = [this](SqliteLedger& ledger) { after_commit(ledger); },
                                  .recovered = [this] { on_work_.tell(); }}) {
  recover();
}

/// What an earlier process had begun waits again; what it was about to end is ended.
void SqliteStore::recover() {
  std::vector<ItemKey> to_end;
  for (const BatchRow& row : reads_.open_batches()) {
    const auto age = std::max(options_.calendar() - row.status.created_at, std::chrono::milliseconds(0));
    open_.add(row.key,
              {.id = row.status.id, .options = row.status.options, .accepted_at = now() - age, .ending = row.ending},
              reads_.items_without_result(row.key));
    if (row.ending == Ending::kNone) continue;
    for (const std::uint32_t index : open_.begin_ending(row.key, row.ending)) {
      to_end.push_back({.batch = row.status.id, .index = index});
    }
  }
  if (!to_end.empty()) end_items(std::move(to_end));
}

template <class T>
StoreResult<T> SqliteStore::write(std::function<StoreResult<T>(SqliteLedger&)> action, std::function<void()> kept,
                                  std::function<void()> lost) {
  auto promise = std::make_shared<std::promise<StoreResult<T>>>();
  auto outcome = std::make_shared<StoreResult<T>>(store_failure(StoreError::Code::kUnavailable, {}));
  writer_.add(
      WriteJob{.kind = WriteJob::Kind::kUrgent,
               .due = TimePoint::min(),
               .results = 0,
               .write = [outcome, action = std::move(action)](SqliteLedger& ledger) { *outcome = action(ledger); },
               .kept =
                   [promise, outcome, kept = std::move(kept)] {
                     kept();
                     promise->set_value(std::move(*outcome));
                   },
               .lost =
                   [promise, lost = std::move(lost)](const StoreError& error) {
                     lost();
                     promise->set_value(tl::make_unexpected(error));
                   }});
  return promise->get_future().get();
}

template <class Action>
auto SqliteStore::read(const Action& action) -> decltype(action()) {
  const std::scoped_lock lock(read_mutex_);
  try {
    return action();
  } catch (const SqliteFailure& failure) {
    if (failure.kind == SqliteFailure::Kind::kDamaged) health_.note_failure(failure);
    return tl::make_unexpected(to_store_error(failure));
  }
}

// ---- batches come ----

StoreResult<Created> SqliteStore::create(NewBatch batch) {
  if (has_pictures(batch.items)) return tl::make_unexpected(no_pictures());
  if (batch.idempotency) {
    const std::scoped_lock lock(requests_mutex_);
    const auto [it, is_first] = requests_in_flight_.emplace(batch.idempotency->key, batch.idempotency->fingerprint);
    if (!is_first) {
      return tl::make_unexpected(it->second == batch.idempotency->fingerprint ? key_in_flight() : key_reused());
    }
  }
  std::vector<ClaimBoard::Waiting> waiting;
  waiting.reserve(batch.items.size());
  for (const NewItem& item : batch.items) {
    waiting.push_back({.index = static_cast<std::uint32_t>(waiting.size()), .origin = origin_of(item)});
  }
  const TimePoint accepted_at = now();
  BatchRow row;  // with a key once it has been added
  auto created = write<Created>(
      [&](SqliteLedger& ledger) { return create_in(ledger, batch, row); },
      [&] {
        if (row.key == 0) return;
        open_.add(
            row.key,
            {.id = row.status.id, .options = row.status.options, .accepted_at = accepted_at, .ending = Ending::kNone},
            waiting);
      },
      [] {});
  if (batch.idempotency) {
    const std::scoped_lock lock(requests_mutex_);
    requests_in_flight_.erase(batch.idempotency->key);
  }
  if (created && created->is_new) on_work_.tell();
  return created;
}

StoreResult<Created> SqliteStore::create_in(SqliteLedger& ledger, const NewBatch& batch, BatchRow& row) const {
  if (batch.idempotency) {
    if (const BatchRow* known = ledger.batch_of_request(batch.idempotency->key)) {
      if (known->request->fingerprint != batch.idempotency->fingerprint) return tl::make_unexpected(key_reused());
      Created created{.status = known->status, .is_new = false};
      created.status.phase = phase_of(known->status, known->ending, open_.has_begun(known->key));
      return created;
    }
  }
  const std::size_t limit = options_.limits.queue_items;
  if (open_.items() + ledger.added_items() + batch.items.size() > limit) return tl::make_unexpected(queue_full(limit));
  BatchRow added;
  added.status.id = new_uuid_v7(ledger.time());
  added.status.options = batch.options;
  added.status.total = static_cast<std::uint32_t>(batch.items.size());
  added.status.created_at = ledger.time();
  added.status.expires_at = ledger.time() + options_.limits.keep;
  if (added.status.ended()) added.status.ended_at = ledger.time();
  added.status.phase = phase_of(added.status, Ending::kNone, false);
  added.request = batch.idempotency;
  row = ledger.add(std::move(added), batch.items);
  return Created{.status = row.status, .is_new = true};
}

// ---- items go out and come back ----

StoreResult<std::vector<Claim>> SqliteStore::claim(std::size_t max_items, const RoomOf& room_of) {
  const auto may_give = [&] { return !health_.trouble() && unwritten_ < kMaxUnwrittenResults; };
  if (!may_give()) {
    held_ = true;
    if (!may_give()) return std::vector<Claim>();  // looked at again, so that a commit in between is not missed
  }
  return read_claims(open_.claim(max_items, room_of));
}

StoreResult<std::vector<Claim>> SqliteStore::read_claims(const std::vector<OpenBatches::Claimed>& claimed) {
  auto claims = read([&]() -> StoreResult<std::vector<Claim>> {
    std::vector<Claim> made;
    for (const auto& [place, batch] : claimed) {
      const auto item = ahead_.take(place.batch, place.index);
      if (!item) continue;  // the batch has expired meanwhile
      made.push_back(to_claim(batch.id, place.index, *item, batch.options, batch.accepted_at));
    }
    return made;
  });
  if (!claims) {
    for (const auto& [place, batch] : claimed) open_.give_back(place);
  }
  return claims;
}

std::future<std::vector<Completion>> SqliteStore::complete(std::vector<ItemResult> results) {
  auto promise = std::make_shared<std::promise<std::vector<Completion>>>();
  auto completions = std::make_shared<std::vector<Completion>>();
  auto future = promise->get_future();
  const std::size_t size = results.size();
  const TimePoint due = due_of(results);
  writer_.add(WriteJob{.kind = WriteJob::Kind::kPatient,
                       .due = due,
                       .results = size,
                       .write =
                           [completions, results = std::move(results)](SqliteLedger& ledger) {
                             completions->clear();
                             for (const ItemResult& result : results) {
                               BatchRow* batch = ledger.batch(result.batch);
                               const bool kept = batch != nullptr && ledger.keep(*batch, result);
                               completions->push_back(kept ? Completion::kKept : Completion::kIgnored);
                             }
                           },
                       .kept =
                           [this, promise, completions, size] {
                             promise->set_value(std::move(*completions));
                             note_written(size);
                           },
                       .lost =
                           [this, promise, size](const StoreError&) {
                             promise->set_value(std::vector<Completion>(size, Completion::kLost));
                             note_written(size);
                           }});
  return future;
}

/// Counts the results in, and says until when they may wait for others.
TimePoint SqliteStore::due_of(const std::vector<ItemResult>& results) {
  if (results.empty()) return now();
  const std::size_t unwritten = unwritten_ += results.size();
  switch (open_.hand_in(results.front().batch, results.size(), unwritten)) {
    case OpenBatches::Company::kNone:
      return now();
    case OpenBatches::Company::kOthers:
      return now() + kLastGatherTime;
    case OpenBatches::Company::kMany:
      break;
  }
  return now() + kGatherTime;
}

void SqliteStore::note_written(std::size_t results) {
  unwritten_ -= results;
  if (unwritten_ < kMaxUnwrittenResults && held_.exchange(false)) on_work_.tell();
}

void SqliteStore::give_back(std::span<const ItemKey> items) {
  auto to_end = open_.give_back(items);
  if (!to_end.empty()) end_items(std::move(to_end));
  on_work_.tell();
}

/// Gives claimed items of batches that are ending their results.
void SqliteStore::end_items(std::vector<ItemKey> items) {
  auto not_ending = std::make_shared<std::vector<OpenBatches::Place>>();
  writer_.add(WriteJob{.kind = WriteJob::Kind::kPatient,
                       .due = now() + kLastGatherTime,
                       .results = items.size(),
                       .write =
                           [not_ending, items = std::move(items)](SqliteLedger& ledger) {
                             not_ending->clear();
                             for (const auto& [id, index] : items) {
                               BatchRow* batch = ledger.batch(id);
                               if (batch == nullptr) continue;
                               if (batch->ending != Ending::kNone) {
                                 ledger.end_items(*batch, {index});
                               } else {  // its ending could not be written
                                 not_ending->push_back({.batch = batch->key, .index = index});
                               }
                             }
                           },
                       .kept =
                           [this, not_ending] {
                             for (const auto& place : *not_ending) open_.give_back(place);
                             if (!not_ending->empty()) on_work_.tell();
                           },
                       .lost = [](const StoreError&) {}});
}

StoreResult<BatchStatus> SqliteStore::cancel(const std::string& id) {
  OpenBatches::BatchKey cancelled = 0;
  std::vector<std::uint32_t> ended;
  return write<BatchStatus>(
      [&](SqliteLedger& ledger) -> StoreResult<BatchStatus> {
        BatchRow* batch = ledger.batch(id);
        if (batch == nullptr) {
          return tl::make_unexpected(ledger.reads().has_tombstone(id) ? batch_expired() : no_such_batch());
        }
        if (!batch->status.ended() && batch->ending == Ending::kNone) {
          cancelled = batch->key;
          batch->ending = Ending::kCancelled;
          ledger.touch(*batch);
          ended = open_.begin_ending(cancelled, Ending::kCancelled);
          ledger.end_items(*batch, ended);
        }
        BatchStatus status = batch->status;
        status.phase = phase_of(status, batch->ending, open_.has_begun(batch->key));
        return status;
      },
      [] {},
      [&] {
        if (cancelled == 0) return;
        open_.undo_ending(cancelled, ended);
        on_work_.tell();
      });
}

StoreResult<std::size_t> SqliteStore::expire() {
  std::size_t gone = 0;
  for (bool more = true; more;) {
    SqliteExpiry piece(open_, options_.limits.keep_tombstone);
    auto removed = write<std::size_t>([&](SqliteLedger& ledger) { return piece.run(ledger); }, [&] { piece.kept(); },
                                      [&] {
                                        piece.undo();
                                        on_work_.tell();
                                      });
    if (!removed) return removed;
    gone += *removed;
    more = piece.has_more();
  }
  if (gone > 0) writer_.tidy();
  return gone;
}

void SqliteStore::after_commit(SqliteLedger& ledger) {
  open_.finish(ledger.finished());
  RecentResults::Changes changes{.news = {}, .changed = ledger.changed(), .removed = ledger.removed()};
  for (NewResults& news : ledger.take_news()) {
    changes.news.push_back(std::make_shared<const NewResults>(std::move(news)));
  }
  recent_.show(changes);
  for (const auto& news : changes.news) on_results_.tell(*news);
}

// ---- who asks ----

StoreResult<BatchRow> SqliteStore::find(const std::string& id) {
  auto row = reads_.batch(id);
  if (!row) return tl::make_unexpected(reads_.has_tombstone(id) ? batch_expired() : no_such_batch());
  row->status.phase = phase_of(row->status, row->ending, open_.has_begun(row->key));
  return *std::move(row);
}

StoreResult<BatchStatus> SqliteStore::status(const std::string& id) {
  return read([&] { return find(id).map([](const BatchRow& row) { return row.status; }); });
}

StoreResult<ResultPage> SqliteStore::results(const std::string& id, std::uint32_t after, std::size_t limit) {
  limit = std::min(limit, kMaxPageResults);
  if (auto page = recent_.page(id, after, limit)) return *std::move(page);
  return read([&] {
    return find(id).map([&](const BatchRow& row) {
      return ResultPage{.results = reads_.results(row, after, limit), .status = row.status};
    });
  });
}

StoreCounts SqliteStore::counts() const {
  StoreCounts counts = open_.counts();
  counts.unwritten_results = unwritten_;
  return counts;
}

/// The file's one name, by which it is locked; its folder is there then. What is made is for its owner alone: URLs may
/// hold what others should not see.
StoreResult<std::filesystem::path> prepare_folder(const std::filesystem::path& wanted) {
  std::error_code error;
  const auto file = std::filesystem::weakly_canonical(wanted, error);
  if (error || file.filename().empty()) {
    return store_failure(StoreError::Code::kUnavailable,
                         fmt::format("{} cannot be a file: choose another in [store] url", wanted.string()));
  }
  if (std::filesystem::create_directories(file.parent_path(), error)) {
    std::filesystem::permissions(file.parent_path(), std::filesystem::perms::owner_all, error);
  }
  return file;
}

}  // namespace

StoreResult<std::unique_ptr<JobStore>> open_sqlite_store(SqliteOptions options) {
  auto file = prepare_folder(options.file);
  if (!file) return tl::make_unexpected(file.error());
  options.file = *std::move(file);
  auto lock = FileLock::take(options.file);
  if (!lock) return tl::make_unexpected(lock.error());
  {
    // Made before SQLite does, which would let others read it; closed before SQLite has locks that would go with it.
    // Where this fails, SQLite says why.
    const UniqueFd made(::open(options.file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }
  try {
    auto write_connection = std::make_unique<SqliteConnection>(options.file, options.busy_wait);
    prepare_schema(*write_connection, sqlite_migrations());
    auto read_connection = std::make_unique<SqliteConnection>(options.file, options.busy_wait);
    read_connection->run("PRAGMA query_only = ON");
    return std::make_unique<SqliteStore>(std::move(options), *std::move(lock), std::move(write_connection),
                                         std::move(read_connection));
  } catch (const SqliteFailure& failure) {
    return tl::make_unexpected(to_store_error(failure));
  }
}

}  // namespace curlew
