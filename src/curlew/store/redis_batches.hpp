#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "curlew/store/job_store.hpp"
#include "curlew/store/redis_keys.hpp"
#include "curlew/store/redis_pictures.hpp"
#include "curlew/store/redis_pool.hpp"
#include "curlew/store/redis_rows.hpp"

namespace curlew {

/// What is asked of batches, as commands and scripts.
///
/// Threads: any. Throws: RedisFailure.
class RedisBatches {
 public:
  struct Ended {
    std::size_t waiting = 0;  ///< items that still want that result
    NewResults news;          ///< its status has no id where there is no such batch
  };
  struct Expired {
    std::size_t gone = 0;
    std::vector<std::string> ending;  ///< give no more work from now on
    bool may_have_more = false;
  };

  RedisBatches(RedisPool& pool, RedisKeys keys, StoreLimits limits, Calendar calendar);

  /// Cost: two round trips; the items go in pieces of kPieceItems, between which Redis serves others. Pictures go
  /// before them.
  StoreResult<Created> create(const NewBatch& batch);
  StoreResult<BatchStatus> status(const std::string& id);
  /// Of many, in their order; nothing for those that are not there. Cost: one round trip.
  std::vector<std::optional<BatchStatus>> statuses(const std::vector<std::string>& ids);
  StoreResult<ResultPage> results(const std::string& id, std::uint32_t after, std::size_t limit);

  /// No more work comes from the batch; what waits has to be ended by end_waiting.
  StoreResult<BatchStatus> cancel(const std::string& id);
  /// Ends at most kEndedItems of those that wait, of a batch that gives no more work.
  Ended end_waiting(const std::string& id, const std::string& process);
  /// Batches with items that have to be ended; some of them.
  std::vector<std::string> ending();
  Expired expire();

  std::vector<std::string> open();
  /// Without what this process alone knows.
  StoreCounts counts();

  /// So many items are put in one step, during which Redis serves nobody else (about 1 ms).
  static constexpr std::size_t kPieceItems = 500;
  /// So many are ended in one step (about 3 ms).
  static constexpr std::size_t kEndedItems = 200;

 private:
  /// What there is to say of a batch that is not there.
  StoreError missing(const RedisReply& gone_until) const;
  RedisCommand script(RedisScript script, std::vector<std::string> arguments) const;
  RedisReply run(const RedisCommand& command);
  std::vector<RedisReply> run_all(const std::vector<RedisCommand>& commands);
  std::optional<StoreResult<Created>> answer_to_long(const NewBatch& batch);

  RedisPool& pool_;
  const RedisKeys keys_;
  const StoreLimits limits_;
  const Calendar calendar_;
  RedisPictures pictures_;
};

}  // namespace curlew
