#include "curlew/store/redis_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/store/listener.hpp"
#include "curlew/store/redis_batches.hpp"
#include "curlew/store/redis_claims.hpp"
#include "curlew/store/redis_health.hpp"
#include "curlew/store/redis_news.hpp"
#include "curlew/store/redis_pool.hpp"
#include "curlew/store/redis_teller.hpp"
#include "curlew/store/redis_work.hpp"
#include "curlew/store/redis_writer.hpp"
#include "curlew/store/uuid_v7.hpp"

namespace curlew {
namespace {

/// While more results than this wait to be written, no item is given out.
constexpr std::size_t kMaxUnwrittenResults = 1024;

/// So long it is believed that nothing waits, though news may be late.
constexpr std::chrono::seconds kNothingFor{1};

/// As often as this within a lease a process that finds no work looks for dead ones.
constexpr int kSweepsPerLease = 4;

class RedisStore : public JobStore {
 public:
  explicit RedisStore(RedisOptions options);
  ~RedisStore() override;

  StoreResult<Created> create(NewBatch batch) override;
  StoreResult<std::vector<Claim>> claim(std::size_t max_items, const RoomOf& room_of) override;
  void renew_leases() override;
  std::future<std::vector<Completion>> complete(std::vector<ItemResult> results) override {
    return writer_.complete(std::move(results));
  }
  void give_back(std::span<const ItemKey> items) override;
  StoreResult<BatchStatus> cancel(const std::string& batch) override;
  StoreResult<BatchStatus> status(const std::string& batch) override;
  StoreResult<ResultPage> results(const std::string& batch, std::uint32_t after, std::size_t limit) override;
  StoreResult<std::size_t> expire() override;
  StoreCounts counts() const override;
  std::optional<StoreError> trouble() const override;
  void set_on_work(std::function<void()> on_work) override { on_work_.set(std::move(on_work)); }
  void set_on_results(std::function<void(const NewResults&)> on_results) override {
    teller_.set(std::move(on_results));
  }

 private:
  template <class Action>
  auto guarded(const Action& action) const -> decltype(action());
  void probe();
  void look_at_settings(const std::string& memory) const;
  RedisWriter::Hooks writer_hooks();
  RedisNews::Hooks news_hooks();
  bool may_give() const { return !health_.trouble() && writer_.unwritten() < kMaxUnwrittenResults; }
  void look_for_the_dead();
  void end_waiting(const std::string& batch);
  void tell_of_others(const std::vector<std::string>& ids);
  void note_work();
  std::vector<Claim> claim_now(std::size_t max_items, const RoomOf& room_of);

  const RedisOptions options_;
  const RedisKeys keys_;
  RedisHealth health_{[this] { writer_.wake(); }};
  mutable RedisPool pool_;
  mutable RedisBatches batches_;
  RedisWork work_;
  RedisClaims claims_;
  std::atomic<bool> is_known_ = false;  ///< whether this is a Redis whose data can be worked with
  std::atomic<bool> held_ = false;      ///< whether claim has given nothing because of what may_give() says
  std::atomic<TimePoint> next_sweep_{};
  std::atomic<std::uint64_t> work_heard_ = 0;     ///< how often there was a sign that there may be more to claim
  std::atomic<std::uint64_t> nothing_since_ = 0;  ///< at which of them there was nothing at all
  std::atomic<TimePoint> nothing_until_{};        ///< so long that may be believed
  mutable std::mutex counts_mutex_;
  mutable StoreCounts last_counts_;  ///< as Redis last said
  Listener<> on_work_;
  RedisTeller teller_;
  mutable RedisWriter writer_;  ///< the last two: their threads use all of the above
  RedisNews news_;
};

RedisStore::RedisStore(RedisOptions options)
    : options_(std::move(options)),
      keys_(options_.prefix),
      pool_(options_.address, options_.patience, health_),
      batches_(pool_, keys_, options_.limits, options_.calendar),
      work_(pool_, keys_, new_uuid_v7(calendar_now_ms()), options_.lease, options_.calendar),
      writer_(work_, health_, writer_hooks()),
      news_(pool_, health_, keys_, work_.process(), news_hooks()) {
  if (health_.trouble()) return;
  try {
    probe();
  } catch (const RedisFailure& failure) {
    if (!health_.trouble()) health_.note_failure(failure);  // whatever it is, the writer looks after it
  }
}

/// Others need not wait for the lease of a process that ends in order.
RedisStore::~RedisStore() {
  if (!health_.trouble()) writer_.give_back(claims_.remove(claims_.all()));
}

RedisWriter::Hooks RedisStore::writer_hooks() {
  return {.kept =
              [this](std::span<const OutgoingResult> results, std::vector<NewResults> news) {
                for (const auto& [result, outcome] : results) {
                  claims_.remove(ItemKey{.batch = result.batch, .index = result.index});
                }
                teller_.tell_own(std::move(news));
              },
          .end_waiting = [this](const std::string& batch) { end_waiting(batch); },
          .probe = [this] { probe(); },
          .written =
              [this](std::size_t unwritten) {
                if (unwritten < kMaxUnwrittenResults && held_.exchange(false)) note_work();
              },
          .recovered =
              [this] {
                held_ = false;
                note_work();
              }};
}

RedisNews::Hooks RedisStore::news_hooks() {
  RedisNews::Hooks hooks;
  hooks.work = [this] { note_work(); };
  if (options_.hears_others) hooks.results = [this](const std::vector<std::string>& ids) { tell_of_others(ids); };
  hooks.missed = [this] {
    note_work();
    if (!options_.hears_others) return;
    auto ids = batches_.open();
    const auto told = teller_.open();
    ids.insert(ids.end(), told.begin(), told.end());
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    tell_of_others(ids);
  };
  return hooks;
}

void RedisStore::note_work() {
  ++work_heard_;
  on_work_.tell();
}

void RedisStore::tell_of_others(const std::vector<std::string>& ids) {
  if (teller_.is_heard()) teller_.tell_others(ids, batches_.statuses(ids));
}

template <class Action>
auto RedisStore::guarded(const Action& action) const -> decltype(action()) {
  try {
    return action();
  } catch (const RedisFailure& failure) {
    return tl::make_unexpected(to_store_error(failure));
  }
}

/// Writes something, since reading alone would say nothing; the first time, looks at whose data is there.
void RedisStore::probe() {
  pool_.call_again([&](RedisConnection& redis) {
    redis.run({.words = {"SET", keys_.probe(), "1", "PX", "60000"}});
    if (is_known_) return true;
    redis.run({.words = {"SET", keys_.format(), std::string(kRedisFormat), "NX"}});
    const RedisReply format = redis.run({.words = {"GET", keys_.format()}});
    if (format.string() != kRedisFormat) {
      throw RedisFailure{.kind = RedisFailure::Kind::kRefused,
                         .what = fmt::format("Redis at {} holds what another version of Curlew has kept (format {}): "
                                             "take another database",
                                             to_text(options_.address), format.string())};
    }
    look_at_settings(redis.run({.words = {"INFO", "memory"}}).string());
    is_known_ = true;
    return true;
  });
}

void RedisStore::look_at_settings(const std::string& memory) const {
  if (memory.find("maxmemory_policy:allkeys-") == std::string::npos) return;
  log_warning(
      "store: Redis at {} throws away whatever it likes when it is full (maxmemory-policy allkeys-…), batches too: set "
      "noeviction",
      to_text(options_.address));
}

// ---- batches ----

StoreResult<Created> RedisStore::create(NewBatch batch) {
  auto created = guarded([&]() -> StoreResult<Created> {
    if (const auto trouble = health_.trouble()) throw RedisFailure(*trouble);
    return batches_.create(batch);
  });
  if (created) teller_.note_seen(created->status);
  if (created && created->is_new) note_work();
  return created;
}

StoreResult<BatchStatus> RedisStore::status(const std::string& batch) {
  auto status = guarded([&] { return batches_.status(batch); });
  if (status) teller_.note_seen(*status);
  return status;
}

StoreResult<ResultPage> RedisStore::results(const std::string& batch, std::uint32_t after, std::size_t limit) {
  auto page = guarded([&] { return batches_.results(batch, after, std::min(limit, kMaxPageResults)); });
  if (page) teller_.note_seen(page->status);
  return page;
}

StoreResult<BatchStatus> RedisStore::cancel(const std::string& batch) {
  return guarded([&]() -> StoreResult<BatchStatus> {
    auto cancelled = batches_.cancel(batch);
    if (!cancelled) return cancelled;
    end_waiting(batch);
    return batches_.status(batch);
  });
}

/// Between its pieces Redis serves others. Where it fails in the middle, whoever calls expire() or renew_leases() next
/// goes on.
void RedisStore::end_waiting(const std::string& batch) {
  for (bool is_over = false; !is_over;) {
    auto ended = batches_.end_waiting(batch, work_.process());
    is_over = ended.waiting == 0;
    std::vector<NewResults> news;
    if (!ended.news.results.empty()) news.push_back(std::move(ended.news));
    teller_.tell_own(std::move(news));
  }
}

StoreResult<std::size_t> RedisStore::expire() {
  return guarded([&]() -> StoreResult<std::size_t> {
    std::size_t gone = 0;
    for (bool may_have_more = true; may_have_more;) {
      const auto expired = batches_.expire();
      gone += expired.gone;
      may_have_more = expired.may_have_more;
      for (const std::string& batch : expired.ending) end_waiting(batch);
    }
    for (const std::string& batch : batches_.ending()) end_waiting(batch);
    return gone;
  });
}

// ---- items go out and come back ----

StoreResult<std::vector<Claim>> RedisStore::claim(std::size_t max_items, const RoomOf& room_of) {
  if (!may_give()) {
    held_ = true;
    if (!may_give()) return std::vector<Claim>();  // looked at again, so that a write in between is not missed
  }
  return guarded([&]() -> StoreResult<std::vector<Claim>> {
    writer_.wait_for_give_backs();
    auto claims = claim_now(max_items, room_of);
    if (claims.empty() && now() >= next_sweep_.load()) {
      look_for_the_dead();
      claims = claim_now(max_items, room_of);
    }
    if (const auto refused = claims_.admit(claims, room_of); !refused.empty()) work_.give_back(refused);
    return claims;
  });
}

/// Redis is not asked again where nothing waited and nobody has told of anything since.
std::vector<Claim> RedisStore::claim_now(std::size_t max_items, const RoomOf& room_of) {
  const std::uint64_t heard = work_heard_;
  if (nothing_since_ == heard && now() < nothing_until_.load()) return {};
  auto claimed = work_.claim(max_items, claims_.rooms(max_items, room_of));
  if (claimed.nothing_waits) {
    nothing_since_ = heard;
    nothing_until_ = now() + std::min<Clock::duration>(kNothingFor, options_.lease / (2 * kSweepsPerLease));
  }
  return std::move(claimed.claims);
}

void RedisStore::look_for_the_dead() {
  next_sweep_ = now() + options_.lease / kSweepsPerLease;
  if (work_.sweep() > 0) ++work_heard_;
}

void RedisStore::renew_leases() {
  try {
    const auto claimed = claims_.all();
    const auto is_mine = work_.renew(claimed);
    for (std::size_t i = 0; i < claimed.size(); ++i) {
      if (!is_mine.at(i)) claims_.remove(claimed[i]);
    }
    look_for_the_dead();
    for (const std::string& batch : batches_.ending()) end_waiting(batch);
  } catch (const RedisFailure& failure) {
    log_debug("store: leases cannot be renewed now: {}", failure.what);
  }
}

void RedisStore::give_back(std::span<const ItemKey> items) {
  writer_.give_back(claims_.remove(items));
  note_work();
}

// ---- how it is ----

StoreCounts RedisStore::counts() const {
  StoreCounts counts;
  try {
    writer_.wait_for_give_backs();
    counts = batches_.counts();
    const std::scoped_lock lock(counts_mutex_);
    last_counts_ = counts;
  } catch (const RedisFailure&) {
    const std::scoped_lock lock(counts_mutex_);
    counts = last_counts_;
  }
  counts.claimed_items = claims_.size();
  counts.unwritten_results = writer_.unwritten();
  return counts;
}

std::optional<StoreError> RedisStore::trouble() const {
  const auto trouble = health_.trouble();
  return trouble ? std::optional(to_store_error(*trouble)) : std::nullopt;
}

}  // namespace

std::unique_ptr<JobStore> make_redis_store(RedisOptions options) {
  return std::make_unique<RedisStore>(std::move(options));
}

}  // namespace curlew
