#include "curlew/store/sqlite_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "curlew/base/thread.hpp"

namespace curlew {
namespace {

/// As many pages go back to the disk at a time as are moved within some milliseconds.
constexpr int kTidyPages = 256;

bool is_urgent(const WriteJob& job) { return job.kind == WriteJob::Kind::kUrgent; }

}  // namespace

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteConnection> connection, SqliteHealth& health, Calendar calendar,
                           Hooks hooks)
    : connection_(std::move(connection)),
      reads_(*connection_),
      writes_(*connection_),
      begin_(*connection_, "BEGIN IMMEDIATE"),
      commit_(*connection_, "COMMIT"),
      health_(health),
      calendar_(std::move(calendar)),
      hooks_(std::move(hooks)),
      thread_(start_thread("store", [this](const std::stop_token&) { run(); })) {}

SqliteWriter::~SqliteWriter() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void SqliteWriter::add(WriteJob job) {
  const std::scoped_lock lock(mutex_);
  queue_.add(std::move(job));
  // Who gathers company is not woken for each that comes.
  if (queue_.has_urgent() || queue_.due() < wakes_at_) changed_.notify_all();
}

void SqliteWriter::tidy() {
  const std::scoped_lock lock(mutex_);
  untidy_ = true;
  changed_.notify_all();
}

void SqliteWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wait_for_jobs(lock);
    Jobs jobs = queue_.take();
    const bool is_last = closing_;
    lock.unlock();
    if (jobs.empty() && !is_last) use_quiet_moment();
    Jobs left = jobs.empty() ? Jobs() : commit(std::move(jobs));
    if (is_last && !left.empty()) {
      const auto error = health_.trouble().value_or(StoreError{});
      for (const WriteJob& job : left) job.lost(error);
    }
    lock.lock();
    if (is_last && queue_.empty()) return;
    if (!is_last) queue_.put_back(std::move(left));
  }
}

void SqliteWriter::wait_for_jobs(std::unique_lock<std::mutex>& lock) {
  if (health_.trouble()) {
    changed_.wait_until(lock, retry_at_, [this] { return closing_ || queue_.has_urgent(); });
    return;
  }
  const auto is_time = [this] { return closing_ || (queue_.empty() ? untidy_ : now() >= queue_.due()); };
  while (!is_time()) {
    wakes_at_ = queue_.due();
    if (queue_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, wakes_at_);
    }
  }
  wakes_at_ = TimePoint::min();
}

/// In trouble: finds out whether it has passed. Else: tidies up a little.
void SqliteWriter::use_quiet_moment() {
  if (health_.trouble()) {
    retry_at_ = now() + kRetryPause;
    // Writes a page that is as it was, since reading alone would say nothing.
    note(guarded([&] {
      connection_->run("BEGIN IMMEDIATE");
      connection_->run(fmt::format("PRAGMA user_version = {}", connection_->number("PRAGMA user_version")));
      connection_->run("COMMIT");
    }));
    return;
  }
  bool is_tidy = false;
  const auto failure = guarded([&] {
    const auto free_before = connection_->number("PRAGMA freelist_count");
    connection_->run(fmt::format("PRAGMA incremental_vacuum({})", kTidyPages));
    const auto free_now = connection_->number("PRAGMA freelist_count");
    is_tidy = free_now == 0 || free_now >= free_before;
    if (is_tidy) connection_->run("PRAGMA wal_checkpoint(TRUNCATE)");
  });
  if (failure) note(failure);
  const std::scoped_lock lock(mutex_);
  untidy_ = !is_tidy && !failure;
}

/// What is left is to be tried again.
SqliteWriter::Jobs SqliteWriter::commit(Jobs jobs) {
  auto failure = try_commit(jobs);
  if (failure) {
    const auto error = to_store_error(*failure);
    const auto urgent =
        std::stable_partition(jobs.begin(), jobs.end(), [](const auto& job) { return !is_urgent(job); });
    const bool had_urgent = urgent != jobs.end();
    std::for_each(urgent, jobs.end(), [&](const WriteJob& job) { job.lost(error); });
    jobs.erase(urgent, jobs.end());
    // It may have been the size of what was urgent.
    if (had_urgent && !jobs.empty()) failure = try_commit(jobs);
  }
  return failure ? std::move(jobs) : Jobs();
}

std::optional<SqliteFailure> SqliteWriter::try_commit(Jobs& jobs) {
  SqliteLedger ledger(reads_, writes_, calendar_());
  auto failure = guarded([&] {
    begin_.run();
    for (const WriteJob& job : jobs) job.write(ledger);
    ledger.flush();
    hooks_.committing();
    commit_.run();
  });
  if (failure) hooks_.failed();
  note(failure);  // first, so that who is told of a failure finds the trouble
  if (failure) return failure;
  hooks_.committed(ledger);
  for (const WriteJob& job : jobs) job.kept();
  return std::nullopt;
}

std::optional<SqliteFailure> SqliteWriter::guarded(const std::function<void()>& action) {
  std::optional<SqliteFailure> failure;
  try {
    action();
  } catch (const SqliteFailure& caught) {
    failure = caught;
  } catch (const std::exception& caught) {
    failure = SqliteFailure{.kind = SqliteFailure::Kind::kPassing,
                            .what = fmt::format("a fault while writing {}: {}", connection_->file(), caught.what())};
  }
  if (failure) connection_->roll_back();
  return failure;
}

void SqliteWriter::note(const std::optional<SqliteFailure>& failure) {
  if (failure) {
    health_.note_failure(*failure);
    retry_at_ = now() + kRetryPause;
  } else if (health_.note_success()) {
    hooks_.recovered();
  }
}

}  // namespace curlew
