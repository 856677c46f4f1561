#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "curlew/store/redis_connection.hpp"
#include "curlew/store/redis_health.hpp"

namespace curlew {

/// So many callers talk to Redis at once; a further one waits.
inline constexpr std::size_t kMaxRedisConnections = 8;

/// Connections that callers share, one owner at a time. They are made when they are needed, and kept.
///
/// Threads: any.
class RedisPool {
 public:
  /// Ownership: `health` outlives it.
  RedisPool(RedisAddress address, RedisPatience patience, RedisHealth& health);

  /// Runs `action` with a connection. Where that turns out to have been cut while nobody used it, runs it once more
  /// with a new one: whatever an action does must do no harm when it is done twice.
  ///
  /// Throws: RedisFailure; at once while Redis is known to be away.
  template <class Action>
  auto call(const Action& action) {
    if (const auto absence = health_.absence()) throw RedisFailure(*absence);
    return guarded([&] { return attempt(action); });
  }

  /// The same, though Redis is known to be away: to find out whether it has come back.
  template <class Action>
  auto call_again(const Action& action) {
    return guarded([&] { return attempt(action); });
  }

  std::unique_ptr<RedisConnection> connect();

 private:
  struct Lease {
    std::unique_ptr<RedisConnection> connection;
    bool is_used = false;
  };

  template <class Action>
  auto attempt(const Action& action) {
    for (;;) {
      Lease lease = take();
      try {
        if (!lease.connection) lease.connection = connect();
        auto result = action(*lease.connection);
        give_back(std::move(lease.connection));
        return result;
      } catch (const RedisFailure& failure) {
        const bool is_gone = failure.kind == RedisFailure::Kind::kAway;
        give_back(is_gone ? nullptr : std::move(lease.connection));
        if (!is_gone || !lease.is_used) throw;
        drop_idle();
      } catch (...) {
        give_back(nullptr);
        throw;
      }
    }
  }

  template <class Attempt>
  auto guarded(const Attempt& run) {
    try {
      return run();
    } catch (const RedisFailure& failure) {
      if (failure.kind != RedisFailure::Kind::kFault) health_.note_failure(failure);
      throw;
    }
  }

  Lease take();
  void give_back(std::unique_ptr<RedisConnection> connection);
  void drop_idle();

  const RedisAddress address_;
  const RedisPatience patience_;
  RedisHealth& health_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<RedisConnection>> idle_;
  std::size_t taken_ = 0;
  std::vector<std::string> script_hashes_;  ///< once a connection knows them
};

}  // namespace curlew
