#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace curlew {

/// Under which names a store keeps what it has. All begin with one prefix, so that others may use the same database.
///
/// For each batch, named by its id ("…" is the prefix):
///   …batch:ID      hash: options, counts, times, lanes
///   …lane:ID:N     stream and its consumer group `workers`: the items without a result; the entry of an item is
///                  INDEX+1-0. Up to kMaxLanes of them: an origin each, the last for all other origins
///   …back:ID:N     sorted set: items of that lane that were given out and wait again (in the group, they are `-`'s)
///   …events:ID     stream: the results, SEQUENCE-0 each
///   …picture:ID:I  text, gone when its batch would expire: the picture that came with item I and has no result
///   …staged:ID     text, gone after a minute: how many items of a batch that is being created have come
///   …request:HASH  text: which batch an idempotency key has brought
///   …gone:ID       text, with a time to live: that there was one
/// For all of them:
///   …turns         list: batches with items that wait; the first is next
///   …open          set: batches that have not ended
///   …expiry        sorted set: all batches, by when they go
///   …begun         sorted set: open batches with items given out, by when to look for dead processes
///   …ending        set: cancelled and expired batches, while items of theirs wait for that result
///   …counts        hash: items without a result, items that wait, pieces of news of each stream so far
///   …news:results  stream, the last kNewsKept: that a batch has got results
///   …news:work     stream, the last kNewsKept: that there is work
///   …last:PROCESS  text, gone after an hour: the last answer to who handed in results
///   …watch         text, gone after a lease: somebody has looked for dead processes
///   …quiet         text, gone after half a lease: nobody may, since nobody could for a lease
///   …format        text: kRedisFormat
///   …probe         text, gone after a minute: written to find out whether that is possible
///
/// Scripts use keys of one batch together with those of all, so they belong on one server: in a cluster they do not
/// work. What has a time to live may be evicted (policies volatile-*) and harms nobody; the rest must not.
class RedisKeys {
 public:
  explicit RedisKeys(std::string prefix) : prefix_(std::move(prefix)) {}

  const std::string& prefix() const { return prefix_; }
  std::string batch(std::string_view id) const { return of("batch:", id); }
  std::string events(std::string_view id) const { return of("events:", id); }
  std::string picture(std::string_view id, std::size_t index) const {
    return of("picture:", id).append(":").append(std::to_string(index));
  }
  std::string gone(std::string_view id) const { return of("gone:", id); }
  std::string request(std::string_view hash) const { return of("request:", hash); }
  std::string open() const { return of("open", {}); }
  std::string ending() const { return of("ending", {}); }
  std::string counts() const { return of("counts", {}); }
  std::string news(std::string_view what) const { return of("news:", what); }
  std::string format() const { return of("format", {}); }
  std::string probe() const { return of("probe", {}); }

  /// The part of a request's key that stands for an idempotency key of any length.
  static std::string hash_of(std::string_view idempotency_key);

 private:
  std::string of(std::string_view kind, std::string_view name) const {
    std::string key = prefix_;
    key += kind;
    key += name;
    return key;
  }

  std::string prefix_;
};

/// How all of the above is kept; another one is left alone.
inline constexpr std::string_view kRedisFormat = "1";

}  // namespace curlew
