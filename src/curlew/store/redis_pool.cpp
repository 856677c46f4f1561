#include "curlew/store/redis_pool.hpp"

namespace curlew {

RedisPool::RedisPool(RedisAddress address, RedisPatience patience, RedisHealth& health)
    : address_(std::move(address)), patience_(patience), health_(health) {}

RedisPool::Lease RedisPool::take() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return taken_ < kMaxRedisConnections; });
  ++taken_;
  if (idle_.empty()) return {};
  Lease lease{.connection = std::move(idle_.back()), .is_used = true};
  idle_.pop_back();
  return lease;
}

std::unique_ptr<RedisConnection> RedisPool::connect() {
  std::vector<std::string> script_hashes;
  {
    const std::scoped_lock lock(mutex_);
    script_hashes = script_hashes_;
  }
  return std::make_unique<RedisConnection>(address_, patience_, std::move(script_hashes));
}

void RedisPool::give_back(std::unique_ptr<RedisConnection> connection) {
  const std::scoped_lock lock(mutex_);
  --taken_;
  if (connection && script_hashes_.empty()) script_hashes_ = connection->script_hashes();
  if (connection) idle_.push_back(std::move(connection));
  freed_.notify_one();
}

void RedisPool::drop_idle() {
  std::vector<std::unique_ptr<RedisConnection>> dropped;
  const std::scoped_lock lock(mutex_);
  dropped.swap(idle_);
}

}  // namespace curlew
