#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "curlew/store/redis_backoff.hpp"
#include "curlew/store/redis_keys.hpp"
#include "curlew/store/redis_pool.hpp"

namespace curlew {

/// A thread that hears what all processes write into the streams of news, with a connection of its own. Where that was
/// cut it goes on where it was, as long as that is still there: what is missing shows in the numbers that news have.
class RedisNews {
 public:
  struct Hooks {
    std::function<void()> work;  ///< there may be more to claim
    /// These batches have results of others; empty: nobody asks, and that stream is not listened to.
    std::function<void(const std::vector<std::string>&)> results;
    /// Something has been missed: whatever depends on news is to be looked up. May throw RedisFailure.
    std::function<void()> missed;
  };

  /// `process`: what that one writes about results is not told. Ownership: `pool`, `health` and what the hooks refer to
  /// outlive this.
  RedisNews(RedisPool& pool, RedisHealth& health, const RedisKeys& keys, std::string process, Hooks hooks);
  ~RedisNews();
  RedisNews(const RedisNews&) = delete;
  RedisNews& operator=(const RedisNews&) = delete;

 private:
  struct Stream {
    std::string key;
    bool is_work = false;     ///< or results
    std::string last;         ///< the id of the last piece that was read
    std::int64_t number = 0;  ///< its own
  };
  void run(const std::stop_token& stop);
  void listen(RedisConnection& redis, const std::stop_token& stop);
  void go_to_the_end(RedisConnection& redis);
  void look_up(RedisConnection& redis);
  void tell(RedisConnection& redis, const RedisReply& streams);
  void rest(const std::stop_token& stop);

  RedisPool& pool_;
  RedisHealth& health_;
  const std::string process_;
  const Hooks hooks_;
  RedisBackoff backoff_;
  std::minstd_rand random_;
  int failed_connects_ = 0;  ///< in a row
  std::vector<Stream> streams_;
  bool knows_place_ = false;  ///< no: all that is to be known has to be looked up

  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::unique_ptr<RedisConnection> connection_;  ///< for who stops the thread
  std::jthread thread_;
};

}  // namespace curlew
