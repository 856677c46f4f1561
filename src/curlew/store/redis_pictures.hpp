#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "curlew/store/batch.hpp"
#include "curlew/store/redis_keys.hpp"
#include "curlew/store/redis_pool.hpp"

namespace curlew {

/// Pictures that came with their requests, on their way to a worker. Each is a key of its own, which the script that
/// keeps its item's result removes.
///
/// Threads: any. Throws: RedisFailure.
class RedisPictures {
 public:
  /// Pictures of a batch that is being created: they go with this, unless the batch is there.
  class Kept {
   public:
    explicit Kept(RedisPool& pool) : pool_(pool) {}
    Kept(Kept&&) = default;
    Kept& operator=(Kept&&) = delete;
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept();
    void stay() { keys_.clear(); }

   private:
    friend class RedisPictures;
    RedisPool& pool_;
    std::vector<std::string> keys_;
  };

  /// `keep`: how long one is kept that nobody looks at.
  RedisPictures(RedisPool& pool, RedisKeys keys, std::chrono::milliseconds keep)
      : pool_(pool), keys_(std::move(keys)), keep_(keep) {}

  /// Nothing is asked of Redis where no item brings a picture.
  Kept put(const std::string& batch, const std::vector<NewItem>& items);

  /// That of an item that has no result; null where it is gone.
  std::shared_ptr<std::vector<std::byte>> get(const std::string& batch, std::size_t index);

 private:
  RedisPool& pool_;
  const RedisKeys keys_;
  const std::chrono::milliseconds keep_;
};

}  // namespace curlew
