#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/store/redis_backoff.hpp"
#include "curlew/store/redis_health.hpp"
#include "curlew/store/redis_work.hpp"

namespace curlew {

/// So many results, or so many bytes of them, are kept in one step, during which Redis serves nobody else (some ms).
inline constexpr std::size_t kGroupResults = 64;
inline constexpr std::size_t kGroupBytes = 1U << 20U;

/// The one thread that hands in results and gives items back, in the order in which that was asked for. What comes
/// while it is on its way goes in the next group. What cannot be written waits, and is tried again until it can.
class RedisWriter {
 public:
  struct Hooks {
    /// Results that have ended one way or the other; before who handed them in is told.
    std::function<void(std::span<const OutgoingResult>, std::vector<NewResults> news)> kept;
    std::function<void(const std::string& batch)> end_waiting;  ///< may throw RedisFailure
    /// Writes something to find out whether that is possible. Throws: RedisFailure.
    std::function<void()> probe;
    /// After each group: so many results still wait.
    std::function<void(std::size_t unwritten)> written;
    /// What could not be written can.
    std::function<void()> recovered;
  };

  /// Ownership: `work`, `health` and what the hooks refer to outlive this.
  RedisWriter(RedisWork& work, RedisHealth& health, Hooks hooks);
  /// Writes what is there; what cannot be written is lost.
  ~RedisWriter();
  RedisWriter(const RedisWriter&) = delete;
  RedisWriter& operator=(const RedisWriter&) = delete;

  /// Threads: any. Cost: never blocks.
  std::future<std::vector<Completion>> complete(std::vector<ItemResult> results);
  void give_back(std::vector<ItemKey> items);
  /// There is trouble to look after.
  void wake();

  /// Returns when what was given back before is so, or cannot be now.
  void wait_for_give_backs();
  std::size_t unwritten() const { return unwritten_; }

 private:
  /// A list that was handed in.
  struct Handed {
    std::vector<Completion> completions;
    std::size_t open = 0;  ///< how many have no completion yet
    std::promise<std::vector<Completion>> promise;
  };
  struct Outgoing {
    OutgoingResult result;
    std::shared_ptr<Handed> handed;
    std::size_t place = 0;
  };
  struct Returned {
    std::vector<ItemKey> items;
    std::vector<std::string> ending;  ///< batches whose items are to be ended then
    bool is_back = false;
  };
  using Job = std::variant<Outgoing, Returned>;

  void run();
  void wait_for_jobs(std::unique_lock<std::mutex>& lock);
  void take_next();
  bool has_taken() const { return !group_.empty() || returned_; }
  void try_taken();
  void keep_group();
  void give_back_taken(Returned& returned);
  void lose_all();
  static void complete(Handed& handed, std::size_t place, Completion completion);

  RedisWork& work_;
  RedisHealth& health_;
  const Hooks hooks_;
  std::atomic<std::size_t> unwritten_ = 0;  ///< results

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::size_t give_backs_ = 0;  ///< that are not done
  std::size_t failures_ = 0;
  bool closing_ = false;

  // The thread's own: what was taken is written as it is, however often it has to be tried.
  std::vector<OutgoingResult> group_;
  std::vector<std::pair<std::shared_ptr<Handed>, std::size_t>> group_owners_;
  std::uint64_t group_number_ = 1;
  std::optional<Returned> returned_;
  RedisBackoff backoff_;
  TimePoint retry_at_;
  std::minstd_rand random_;
  std::atomic<std::thread::id> thread_id_;
  std::jthread thread_;
};

}  // namespace curlew
