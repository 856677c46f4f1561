#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "curlew/base/clock.hpp"
#include "curlew/store/job_store.hpp"
#include "curlew/store/sqlite_connection.hpp"
#include "curlew/store/sqlite_health.hpp"
#include "curlew/store/sqlite_ledger.hpp"
#include "curlew/store/write_queue.hpp"

namespace curlew {

/// How long what cannot be written rests before it is tried again.
inline constexpr std::chrono::milliseconds kRetryPause{1000};

/// The one thread that writes. All that comes while it writes goes into its next transaction.
class SqliteWriter {
 public:
  struct Hooks {
    std::function<void()> committing;              ///< before each commit
    std::function<void()> failed;                  ///< after a commit that failed, perhaps before it was tried
    std::function<void(SqliteLedger&)> committed;  ///< after each other, before its jobs are told
    std::function<void()> recovered;               ///< what could not be written has been written
  };

  /// Ownership: `health` and what the hooks and the calendar refer to outlive this.
  SqliteWriter(std::unique_ptr<SqliteConnection> connection, SqliteHealth& health, Calendar calendar, Hooks hooks);
  /// Writes what is there; what cannot be written is lost.
  ~SqliteWriter();
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  /// Threads: any. Cost: never blocks.
  void add(WriteJob job);

  /// Gives pages that are free back to the disk, in pieces, when nothing else is to be written. Threads: any.
  void tidy();

 private:
  using Jobs = WriteQueue::Jobs;
  void run();
  void wait_for_jobs(std::unique_lock<std::mutex>& lock);
  void use_quiet_moment();
  Jobs commit(Jobs jobs);
  std::optional<SqliteFailure> try_commit(Jobs& jobs);
  std::optional<SqliteFailure> guarded(const std::function<void()>& action);
  void note(const std::optional<SqliteFailure>& failure);

  const std::unique_ptr<SqliteConnection> connection_;
  SqliteReads reads_;
  SqliteWrites writes_;
  SqliteStatement begin_;
  SqliteStatement commit_;
  SqliteHealth& health_;
  const Calendar calendar_;
  const Hooks hooks_;

  std::mutex mutex_;
  std::condition_variable changed_;
  WriteQueue queue_;
  /// When the thread, which sleeps, wakes by itself; while it does not sleep, or is in trouble, min().
  TimePoint wakes_at_ = TimePoint::min();
  bool closing_ = false;
  bool untidy_ = false;

  TimePoint retry_at_;  ///< the thread's own; nothing is tried before, but what is urgent
  std::jthread thread_;
};

}  // namespace curlew
