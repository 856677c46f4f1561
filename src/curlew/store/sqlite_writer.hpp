#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
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

namespace curlew {

/// How long results wait for others to share a commit with; short beside the time that a picture takes.
inline constexpr std::chrono::milliseconds kGatherTime{5};

/// So many results wait no longer for others.
inline constexpr std::size_t kGatherResults = 256;

/// How long what cannot be written rests before it is tried again.
inline constexpr std::chrono::milliseconds kRetryPause{1000};

/// Something to be written. Its functions run on the writer's thread.
struct WriteJob {
  enum class Kind : std::uint8_t {
    kUrgent,  ///< somebody waits: it is written at once, or not at all
    kPatient  ///< results: they wait for company, and where they cannot be written until they can
  };
  Kind kind = Kind::kUrgent;
  std::size_t results = 0;
  std::function<void(SqliteLedger&)> write;     ///< within a transaction; of a patient job perhaps several times
  std::function<void()> kept;                   ///< it is durable
  std::function<void(const StoreError&)> lost;  ///< it will never be
};

/// The one thread that writes. All that comes while it writes goes into its next transaction.
class SqliteWriter {
 public:
  struct Hooks {
    std::function<void(SqliteLedger&)> committed;  ///< after each commit, before its jobs are told
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
  using Jobs = std::deque<WriteJob>;
  void run();
  void wait_for_jobs(std::unique_lock<std::mutex>& lock);
  bool wants_company() const;
  void use_quiet_moment();
  Jobs commit(Jobs jobs);
  std::optional<SqliteFailure> try_commit(Jobs& jobs);
  std::optional<SqliteFailure> guarded(const std::function<void()>& action);
  void note(const std::optional<SqliteFailure>& failure);

  const std::unique_ptr<SqliteConnection> connection_;
  SqliteReads reads_;
  SqliteWrites writes_;
  SqliteHealth& health_;
  const Calendar calendar_;
  const Hooks hooks_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Jobs jobs_;
  bool closing_ = false;
  bool untidy_ = false;

  TimePoint retry_at_;  ///< the thread's own; nothing is tried before, but what is urgent
  std::jthread thread_;
};

}  // namespace curlew
