#include "curlew/store/redis_news.hpp"

#include <algorithm>
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

RedisNews::RedisNews(RedisPool& pool, RedisHealth& health, const RedisKeys& keys, std::string process, Hooks hooks)
    : pool_(pool),
      health_(health),
      process_(std::move(process)),
      hooks_(std::move(hooks)),
      random_(std::random_device{}()) {
  streams_.push_back({.key = keys.news("work"), .is_work = true, .last = kNothingYet});
  if (hooks_.results) streams_.push_back({.key = keys.news("results"), .is_work = false, .last = kNothingYet});
  // From here on nothing is missed; where this fails, all there is counts as missed later.
  if (!health_.trouble()) {
    try {
      connection_ = pool_.connect();
      go_to_the_end(*connection_);
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
    RedisCommand read{.words = {"XREAD", "COUNT", kNewsAtOnce, "BLOCK", std::to_string(kListen.count()), "STREAMS"}};
    for (const Stream& stream : streams_) read.words.push_back(stream.key);
    for (const Stream& stream : streams_) read.words.push_back(stream.last);
    const RedisReply reply = redis.run_blocking(read, kListen);
    if (!reply.is_nil()) tell(redis, reply);
  }
}

void RedisNews::go_to_the_end(RedisConnection& redis) {
  for (Stream& stream : streams_) {
    const RedisReply last = redis.run({.words = {"XREVRANGE", stream.key, "+", "-", "COUNT", "1"}});
    stream.last = last.elements().empty() ? kNothingYet : last.at(0).at(0).string();
    stream.number = last.elements().empty() ? 0 : last.at(0).at(1).at(1).number();
  }
}

void RedisNews::tell(RedisConnection& redis, const RedisReply& streams) {
  bool is_work = false;
  bool has_gap = false;
  std::set<std::string> batches;
  for (const RedisReply& told : streams.elements()) {
    const auto stream = std::ranges::find(streams_, told.at(0).string(), &Stream::key);
    if (stream == streams_.end()) continue;
    for (const RedisReply& entry : told.at(1).elements()) {
      const RedisReply& fields = entry.at(1);  // n, number, batch, …, by, …
      const std::int64_t number = fields.at(1).number();
      has_gap = has_gap || number != stream->number + 1;
      stream->last = entry.at(0).string();
      stream->number = number;
      is_work = is_work || stream->is_work;
      if (!stream->is_work && fields.at(5).string() != process_) batches.insert(fields.at(3).string());
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
  go_to_the_end(redis);
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
