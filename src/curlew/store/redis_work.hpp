#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "curlew/store/batch.hpp"
#include "curlew/store/job_store.hpp"
#include "curlew/store/redis_keys.hpp"
#include "curlew/store/redis_pictures.hpp"
#include "curlew/store/redis_pool.hpp"

namespace curlew {

/// A result on its way: what is kept of it, and what listeners are told.
struct OutgoingResult {
  ItemResult result;
  std::string outcome;  ///< encode_outcome(result)
};

/// What one process asks of items, as scripts.
///
/// Threads: any; keep() one. Throws: RedisFailure.
class RedisWork {
 public:
  struct Kept {
    std::vector<std::uint32_t> sequences;  ///< of each result; 0 where it was ignored
    std::vector<NewResults> news;          ///< a batch each
  };

  /// `process` is this one's name among all that work with the same prefix.
  RedisWork(RedisPool& pool, const RedisKeys& keys, std::string process, std::chrono::milliseconds lease,
            Calendar calendar);

  const std::string& process() const { return process_; }

  struct Claimed {
    std::vector<Claim> claims;
    bool nothing_waits = false;  ///< in no batch, whatever its origins
  };

  /// The next items. `rooms`: of each origin that may have less than `max_items`, how much it has.
  ///
  /// Cost: one round trip, and one more for each item that brings a picture.
  Claimed claim(std::size_t max_items, const std::map<std::string, std::size_t>& rooms);

  /// Keeps each result that is its item's first. `group` numbers the calls; called again with the same number after a
  /// failure, the answer is that of the first time.
  Kept keep(std::uint64_t group, std::span<const OutgoingResult> results);

  /// Items that this process has claimed wait again; others are passed over. The answer names batches that give no more
  /// work and have got items back.
  std::vector<std::string> give_back(std::span<const ItemKey> items);

  /// Says that this process works on these items. Of each, whether it is still this process's.
  std::vector<bool> renew(std::span<const ItemKey> items);

  /// Items of processes whose lease is over wait again; how many.
  std::size_t sweep();

 private:
  RedisCommand script(RedisScript script, std::vector<std::string> arguments) const;
  NewItem item_of(const std::vector<RedisReply>& values, std::size_t at);

  RedisPool& pool_;
  const RedisKeys keys_;
  const std::string process_;
  const std::chrono::milliseconds lease_;
  const Calendar calendar_;
  RedisPictures pictures_;
};

}  // namespace curlew
