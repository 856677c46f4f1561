#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <utility>

#include "curlew/base/clock.hpp"
#include "curlew/store/sqlite_ledger.hpp"
#include "curlew/store/store_error.hpp"

namespace curlew {

/// How long a result waits for others to share a commit with, while others are worked on; short beside the time that a
/// batch takes. A commit costs as much as three or four pictures' way through all that is neither codec nor network.
inline constexpr std::chrono::milliseconds kGatherTime{20};

/// The same for the last result of its batch, which its client waits for.
inline constexpr std::chrono::milliseconds kLastGatherTime{5};

/// So many results wait no longer for others.
inline constexpr std::size_t kGatherResults = 256;

/// Something to be written. Its functions run on the writer's thread.
struct WriteJob {
  enum class Kind : std::uint8_t {
    kUrgent,  ///< somebody waits: it is written at once, or not at all
    kPatient  ///< results: they wait for company, and where they cannot be written until they can
  };
  Kind kind = Kind::kUrgent;
  TimePoint due = TimePoint::min();  ///< until when it waits for company; what is urgent does not
  std::size_t results = 0;
  std::function<void(SqliteLedger&)> write;     ///< within a transaction; of a patient job perhaps several times
  std::function<void()> kept;                   ///< it is durable
  std::function<void(const StoreError&)> lost;  ///< it will never be
};

/// What is written with the next commit, and how long that may wait.
///
/// Threads: one at a time.
class WriteQueue {
 public:
  using Jobs = std::deque<WriteJob>;

  void add(WriteJob job) {
    note(job);
    jobs_.push_back(std::move(job));
  }

  /// What could not be written is written first.
  void put_back(Jobs jobs) {
    for (const WriteJob& job : jobs) note(job);
    jobs_.insert(jobs_.begin(), std::move_iterator(jobs.begin()), std::move_iterator(jobs.end()));
  }

  Jobs take() { return std::exchange(*this, WriteQueue()).jobs_; }

  bool empty() const { return jobs_.empty(); }
  bool has_urgent() const { return has_urgent_; }

  /// When the next commit is due: at once where something is urgent or enough is there, never where nothing is.
  TimePoint due() const { return has_urgent_ || results_ >= kGatherResults ? TimePoint::min() : due_; }

 private:
  void note(const WriteJob& job) {
    has_urgent_ = has_urgent_ || job.kind == WriteJob::Kind::kUrgent;
    due_ = std::min(due_, job.due);
    results_ += job.results;
  }

  Jobs jobs_;
  bool has_urgent_ = false;
  TimePoint due_ = TimePoint::max();
  std::size_t results_ = 0;
};

}  // namespace curlew
