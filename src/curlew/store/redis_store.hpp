#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "curlew/store/job_store.hpp"
#include "curlew/store/redis_address.hpp"
#include "curlew/store/redis_connection.hpp"

namespace curlew {

struct RedisOptions {
  RedisAddress address;
  StoreLimits limits;  ///< the same on all machines
  Calendar calendar = calendar_now_ms;
  std::chrono::milliseconds lease = std::chrono::seconds(30);  ///< the same on all machines
  std::string prefix = "curlew:";                              ///< of all keys, so that others may use the database
  RedisPatience patience;
  /// Whether set_on_results tells of results of other processes, too. One that nobody asks for batches spares Redis
  /// that.
  bool hears_others = true;
};

/// Keeps batches in a Redis (7.0 or later, one server) that any number of processes on any number of machines share.
///
/// Turns:    batches take turns item by item, over all processes: the list of turns is one, and each item that anybody
///           claims moves it on. So a batch of one waits for at most one item of each other batch, whatever their
///           sizes. Within a batch items go out in the list's order, and what comes back goes first. The kMaxLanes - 1
///           most frequent origins of a batch never wait for each other; of its further ones, items without room are
///           passed by until kLaneWindow of them wait. Where kPassedBatches batches in a row have no room here, a claim
///           gives nothing, and the next one goes on behind them.
/// Leases:   what is claimed is its process's until it is handed in, given back, or has not been renewed for `lease` by
///           Redis' own clock; then it waits again, as soon as another process calls renew_leases, or claim in vain (a
///           quarter of the lease later at most; half of it where Redis was away for so long that nobody could renew).
///           Who comes back late may still hand in results: each item's first is kept, the other is kIgnored. A process
///           that ends in order gives back what it has.
/// News:     set_on_results tells of this process's results with the results, of those of others with the counts alone,
///           or not at all.
///           Who was cut off goes on where it was; where too much happened meanwhile, all open batches, and those that
///           were made or read here, are looked up, so that nobody waits for what has come already.
/// Durable:  as Redis is set up. With `appendonly yes` and `appendfsync everysec` a crash of Redis' machine may lose
///           what was answered in the last second (two, where its disk is slow): batches made then are kNotFound,
///           results kept then are worked for once more, and may come under another sequence number. A crash of Redis
///           alone loses nothing as a rule. `appendfsync always` keeps what JobStore promises, for a sync of the disk a
///           step. Without either, and when a replica that lags takes over, more may be lost.
/// Trouble:  where Redis is full (maxmemory, policy noeviction), cannot save, is a replica, loads, is away, or does not
///           let the user in, calls are kUnavailable and trouble() says why; reading goes on where it can. It is tried
///           again after 50 ms, then ever later up to a second, and what was handed in meanwhile is written then.
/// Bounds:   what a batch needs goes with it; the rest is bounded or has a time to live (redis_keys.hpp). Measured with
///           URLs of 61 bytes and three labels, in long lists: 80 bytes an item that waits, 230 one that was given out,
///           435 with its result (and its thumbnail); 1.3 KB a batch of one; 165 a tombstone.
/// Cost:     a claim is one round trip however many items it brings, and one more where an origin turns out to have no
///           room; up to kGroupResults results are one; a list is one, of more than 500 items two and one for every
///           4,000. Redis' CPU, an item claimed by itself: 75 µs from creation to result (3, 50 and 20).
/// Threads:  two of its own; kMaxRedisConnections callers at once, a further one waits.
std::unique_ptr<JobStore> make_redis_store(RedisOptions options);

}  // namespace curlew
