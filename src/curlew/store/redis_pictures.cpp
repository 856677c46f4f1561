#include "curlew/store/redis_pictures.hpp"

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

/// So much is on its way at once.
constexpr std::size_t kBytesAtOnce = std::size_t{4} * 1024 * 1024;

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

RedisPictures::Kept::~Kept() {
  if (keys_.empty()) return;
  try {
    pool_.call([&](RedisConnection& redis) {
      RedisCommand remove{.words = {"UNLINK"}};
      remove.words.insert(remove.words.end(), keys_.begin(), keys_.end());
      return redis.run(remove);
    });
  } catch (const RedisFailure& failure) {
    log_debug("store: pictures of a batch that did not come to be stay until they expire: {}", failure.what);
  }
}

RedisPictures::Kept RedisPictures::put(const std::string& batch, const std::vector<NewItem>& items) {
  Kept kept(pool_);
  std::vector<RedisCommand> commands;
  std::size_t bytes = 0;
  const auto send = [&] {
    if (commands.empty()) return;
    pool_.call([&](RedisConnection& redis) {
      for (const RedisReply& reply : redis.run_all(commands)) redis.check(reply);
      return true;
    });
    commands.clear();
    bytes = 0;
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].picture) continue;
    if (bytes + items[i].picture->size() > kBytesAtOnce) send();
    bytes += items[i].picture->size();
    kept.keys_.push_back(keys_.picture(batch, i));
    commands.push_back(
        {.words = {"SET", kept.keys_.back(), text_of(*items[i].picture), "PX", std::to_string(keep_.count())}});
  }
  send();
  return kept;
}

std::shared_ptr<std::vector<std::byte>> RedisPictures::get(const std::string& batch, std::size_t index) {
  const RedisReply reply = pool_.call([&](RedisConnection& redis) {
    return redis.run({.words = {"GET", keys_.picture(batch, index)}});
  });
  if (reply.is_nil()) return nullptr;
  const auto* bytes = reinterpret_cast<const std::byte*>(reply.string().data());
  return std::make_shared<std::vector<std::byte>>(bytes, bytes + reply.string().size());
}

}  // namespace curlew
