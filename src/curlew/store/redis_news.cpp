#include "curlew/store/redis_news.hpp"

#include <set>
#include <utility>

#include "curlew/base/thread.hpp"

namespace curlew {
namespace {

/// As long one command waits for news; only a sign of life, since who stops the thread ends the wait.
constexpr std::chrono::milliseconds kListen{5000};

/// So much is read at once.
constexpr auto kNewsAtOnce = "1000";

constexpr auto kNothingYet = "0-0";

}  // namespace

RedisNews::RedisNews(RedisPool& pool, RedisHealth& health, RedisKeys keys, std::string process, Hooks hooks)
    : pool_(pool),
      health_(health),
      keys_(std::move(keys)),
      process_(std::move(process)),
      hooks_(std::move(hooks)),
      random_(std::random_device{}()) {
  // From here on nothing is missed; where this fails, all there is counts as missed later.
  if (!health_.trouble()) {
    try {
      connection_ = pool_.connect();
      place_ = last_place(*connection_);
      knows_place_ = true;
    } catch (const RedisFailure& failure) {
      connection_.reset();
      health_.note_failure(failure);
    }
  }
  thread_ = start_thread("store news", [this](const std::stop_token& stop) { run(stop); });
}

RedisNews::~RedisNews() {
  thread_.request_stop();
  {
    const std::scoped_lock lock(mutex_);
    if (connection_) connection_->interrupt();
    stopped_.notify_all();
  }
  thread_.join();
}

void RedisNews::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      if (!connection_) {
        auto connection = pool_.connect();
        const std::scoped_lock lock(mutex_);
        connection_ = std::move(connection);
      }
      failed_connects_ = 0;
      if (!knows_place_) look_up(*connection_);
      backoff_.reset();
      listen(*connection_, stop);
    } catch (const RedisFailure& failure) {
      if (stop.stop_requested()) return;
      // Whoever only listens is to know that it is away, too; a connection that was merely cut is made anew, and one
      // that was cut while it was made is no sign yet.
      if (!connection_ && ++failed_connects_ > 1) health_.note_failure(failure);
      rest(stop);
    }
    const std::scoped_lock lock(mutex_);
    connection_.reset();
  }
}

void RedisNews::listen(RedisConnection& redis, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const RedisReply reply =
        redis.run_blocking({.words = {"XREAD", "COUNT", kNewsAtOnce, "BLOCK", std::to_string(kListen.count()),
                                      "STREAMS", keys_.news(), place_.id}},
                           kListen);
    if (!reply.is_nil()) tell(redis, reply.at(0).at(1));
  }
}

RedisNews::Place RedisNews::last_place(RedisConnection& redis) const {
  const RedisReply last = redis.run({.words = {"XREVRANGE", keys_.news(), "+", "-", "COUNT", "1"}});
  if (last.elements().empty()) return {.id = kNothingYet, .number = 0};
  return {.id = last.at(0).at(0).string(), .number = last.at(0).at(1).at(1).number()};
}

void RedisNews::tell(RedisConnection& redis, const RedisReply& entries) {
  bool is_work = false;
  bool has_gap = false;
  std::set<std::string> batches;
  for (const RedisReply& entry : entries.elements()) {
    const RedisReply& fields = entry.at(1);  // n, number, what, …, batch, …, by, …
    const std::int64_t number = fields.at(1).number();
    has_gap = has_gap || number != place_.number + 1;
    place_ = {.id = entry.at(0).string(), .number = number};
    if (fields.at(3).string() == "work") {
      is_work = true;
    } else if (fields.at(7).string() != process_) {
      batches.insert(fields.at(5).string());
    }
  }
  knows_place_ = false;  // where what follows fails, all has to be looked up
  if (has_gap) return look_up(redis);
  if (!batches.empty()) hooks_.results({batches.begin(), batches.end()});
  knows_place_ = true;
  if (is_work) hooks_.work();
}

/// What comes from now on is news; what was before is looked up.
void RedisNews::look_up(RedisConnection& redis) {
  place_ = last_place(redis);
  hooks_.missed();
  knows_place_ = true;
}

void RedisNews::rest(const std::stop_token& stop) {
  constexpr auto kRange = static_cast<double>(std::minstd_rand::max());
  std::unique_lock lock(mutex_);
  const auto pause = backoff_.next(static_cast<double>(random_()) / kRange);
  stopped_.wait_for(lock, stop, pause, [] { return false; });
}

}  // namespace curlew
