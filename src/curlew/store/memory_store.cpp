#include "curlew/store/memory_store.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <variant>

#include "curlew/store/claim_board.hpp"
#include "curlew/store/listener.hpp"
#include "curlew/store/news.hpp"
#include "curlew/store/store_messages.hpp"
#include "curlew/store/stored_item.hpp"
#include "curlew/store/uuid_v7.hpp"

namespace curlew {
namespace {

class MemoryStore : public JobStore {
 public:
  MemoryStore(const StoreLimits& limits, Calendar calendar) : limits_(limits), calendar_(std::move(calendar)) {}

  StoreResult<Created> create(NewBatch batch) override;
  StoreResult<std::vector<Claim>> claim(std::size_t max_items, const RoomOf& room_of) override;
  void renew_leases() override {}
  std::future<std::vector<Completion>> complete(std::vector<ItemResult> results) override;
  void give_back(std::span<const ItemKey> items) override;
  StoreResult<BatchStatus> cancel(const std::string& batch) override;
  StoreResult<BatchStatus> status(const std::string& batch) override;
  StoreResult<ResultPage> results(const std::string& batch, std::uint32_t after, std::size_t limit) override;
  StoreResult<std::size_t> expire() override;
  StoreCounts counts() const override;
  std::optional<StoreError> trouble() const override { return std::nullopt; }
  void set_on_work(std::function<void()> on_work) override { on_work_.set(std::move(on_work)); }
  void set_on_results(std::function<void(const NewResults&)> on_results) override {
    on_results_.set(std::move(on_results));
  }

 private:
  using BatchKey = ClaimBoard::BatchKey;

  struct Batch {
    BatchKey key = 0;
    BatchStatus status;
    Ending ending = Ending::kNone;
    TimePoint accepted_at;
    std::optional<IdempotencyKey> idempotency;
    std::vector<NewItem> items;  ///< the text moves into the result
    std::vector<bool> has_result;
    std::vector<KeptResult> results;  ///< that of sequence n at n - 1
    std::size_t bytes = 0;            ///< of the results
  };

  // All of these want mutex_ held.
  StoreResult<Created> known_request(const IdempotencyKey& asked) const;
  Batch& add(NewBatch batch);
  StoreResult<Batch*> find(const std::string& id);
  BatchStatus status_of(const Batch& batch) const;
  bool keep(Batch& batch, ItemResult result);
  void end_waiting(Batch& batch);
  void end_item(Batch& batch, std::uint32_t index);
  void let_go(const std::string& id);
  void make_room(std::size_t items);

  void tell_news();

  const StoreLimits limits_;
  const Calendar calendar_;
  mutable std::mutex mutex_;
  std::map<BatchKey, Batch> batches_;  ///< by age
  std::unordered_map<std::string, BatchKey> key_of_;
  std::unordered_map<std::string, BatchKey> requests_;             ///< by idempotency key
  std::deque<std::pair<CalendarTime, std::string>> tombstones_;    ///< until when, of which batch
  std::unordered_map<std::string, CalendarTime> tombstone_until_;  ///< the same, by id
  std::set<BatchKey> ended_;                                       ///< the oldest first
  std::size_t kept_items_ = 0;                                     ///< of all batches
  std::size_t kept_bytes_ = 0;                                     ///< of all their results
  BatchKey last_key_ = 0;
  ClaimBoard board_;
  News news_;
  bool telling_ = false;  ///< whether somebody is in tell_news
  Listener<> on_work_;
  Listener<const NewResults&> on_results_;
};

StoreResult<Created> MemoryStore::create(NewBatch batch) {
  Created created;
  {
    const std::scoped_lock lock(mutex_);
    if (batch.idempotency && requests_.contains(batch.idempotency->key)) return known_request(*batch.idempotency);
    const std::size_t open = board_.waiting() + board_.claimed();
    if (open + batch.items.size() > limits_.queue_items) return tl::make_unexpected(queue_full(limits_.queue_items));
    make_room(batch.items.size());
    created.status = status_of(add(std::move(batch)));
  }
  on_work_.tell();
  return created;
}

StoreResult<Created> MemoryStore::known_request(const IdempotencyKey& asked) const {
  const Batch& batch = batches_.at(requests_.at(asked.key));
  if (batch.idempotency->fingerprint != asked.fingerprint) return tl::make_unexpected(key_reused());
  return Created{.status = status_of(batch), .is_new = false};
}

MemoryStore::Batch& MemoryStore::add(NewBatch batch) {
  const CalendarTime time = calendar_();
  const BatchKey key = ++last_key_;
  Batch& added = batches_[key];
  added.key = key;
  added.status.id = new_uuid_v7(time);
  added.status.options = std::move(batch.options);
  added.status.total = static_cast<std::uint32_t>(batch.items.size());
  added.status.created_at = time;
  added.status.expires_at = time + limits_.keep;
  added.accepted_at = now();
  added.idempotency = std::move(batch.idempotency);
  added.items = std::move(batch.items);
  added.has_result.resize(added.items.size());
  std::vector<ClaimBoard::Waiting> waiting;
  waiting.reserve(added.items.size());
  for (const NewItem& item : added.items) {
    waiting.push_back({.index = static_cast<std::uint32_t>(waiting.size()), .origin = origin_of(item)});
  }
  board_.add(key, waiting);
  key_of_.emplace(added.status.id, key);
  if (added.idempotency) requests_.emplace(added.idempotency->key, key);
  kept_items_ += added.items.size();
  if (added.status.ended()) {
    added.status.ended_at = time;
    ended_.insert(key);
  }
  return added;
}

StoreResult<std::vector<Claim>> MemoryStore::claim(std::size_t max_items, const RoomOf& room_of) {
  const std::scoped_lock lock(mutex_);
  std::vector<Claim> claims;
  for (const auto& [key, index] : board_.claim(max_items, room_of)) {
    const Batch& batch = batches_.at(key);
    claims.push_back(to_claim(batch.status.id, index, batch.items[index], batch.status.options, batch.accepted_at));
  }
  return claims;
}

std::future<std::vector<Completion>> MemoryStore::complete(std::vector<ItemResult> results) {
  std::vector<Completion> completions;
  {
    const std::scoped_lock lock(mutex_);
    for (ItemResult& result : results) {
      const auto batch = find(result.batch);
      const bool kept = batch && keep(**batch, std::move(result));
      completions.push_back(kept ? Completion::kKept : Completion::kIgnored);
    }
  }
  tell_news();
  std::promise<std::vector<Completion>> promise;
  promise.set_value(std::move(completions));
  return promise.get_future();
}

bool MemoryStore::keep(Batch& batch, ItemResult result) {
  const std::uint32_t index = result.index;
  if (index >= batch.status.total || batch.has_result[index]) return false;
  batch.has_result[index] = true;
  batch.items[index] = NewItem{};
  board_.finish({.batch = batch.key, .index = index});
  count_result(batch.status, result, calendar_());
  const std::size_t bytes = bytes_of(result);
  batch.bytes += bytes;
  kept_bytes_ += bytes;
  batch.results.push_back(KeptResult{.sequence = batch.status.done, .result = std::move(result)});
  if (batch.status.ended()) ended_.insert(batch.key);
  news_.add(status_of(batch), batch.results.back());
  return true;
}

void MemoryStore::give_back(std::span<const ItemKey> items) {
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, index] : items) {
      const auto batch = find(id);
      if (!batch || !board_.is_claimed({.batch = (*batch)->key, .index = index})) continue;
      if ((*batch)->ending == Ending::kNone) {
        board_.give_back({.batch = (*batch)->key, .index = index});
      } else {
        end_item(**batch, index);
      }
    }
  }
  tell_news();
  on_work_.tell();
}

StoreResult<BatchStatus> MemoryStore::cancel(const std::string& id) {
  std::optional<BatchStatus> status;
  {
    const std::scoped_lock lock(mutex_);
    const auto batch = find(id);
    if (!batch) return tl::make_unexpected(batch.error());
    if (!(*batch)->status.ended() && (*batch)->ending == Ending::kNone) {
      (*batch)->ending = Ending::kCancelled;
      end_waiting(**batch);
    }
    status = status_of(**batch);
  }
  tell_news();
  return *std::move(status);
}

void MemoryStore::end_waiting(Batch& batch) {
  for (const std::uint32_t index : board_.claim_all(batch.key)) end_item(batch, index);
}

void MemoryStore::end_item(Batch& batch, std::uint32_t index) {
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now() - batch.accepted_at);
  keep(batch, ended_result(batch.status.id, index, batch.items[index].text, batch.ending, waited));
}

StoreResult<BatchStatus> MemoryStore::status(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  const auto batch = find(id);
  if (!batch) return tl::make_unexpected(batch.error());
  return status_of(**batch);
}

StoreResult<ResultPage> MemoryStore::results(const std::string& id, std::uint32_t after, std::size_t limit) {
  const std::scoped_lock lock(mutex_);
  const auto batch = find(id);
  if (!batch) return tl::make_unexpected(batch.error());
  const auto& kept = (*batch)->results;
  const auto begin = kept.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(after, kept.size()));
  const auto room = std::min({limit, kMaxPageResults, static_cast<std::size_t>(kept.end() - begin)});
  return ResultPage{.results = {begin, begin + static_cast<std::ptrdiff_t>(room)}, .status = status_of(**batch)};
}

StoreResult<std::size_t> MemoryStore::expire() {
  std::size_t gone = 0;
  {
    const std::scoped_lock lock(mutex_);
    const CalendarTime time = calendar_();
    std::vector<std::string> over;
    for (auto& [key, batch] : batches_) {
      if (batch.status.expires_at > time) continue;
      if (batch.status.ended() || batch.ending != Ending::kNone) {
        over.push_back(batch.status.id);
      } else {
        batch.ending = Ending::kExpired;
        batch.status.expires_at = time + kLastLook;
        end_waiting(batch);
      }
    }
    for (const std::string& id : over) let_go(id);
    gone = over.size();
    for (; !tombstones_.empty() && tombstones_.front().first <= time; tombstones_.pop_front()) {
      tombstone_until_.erase(tombstones_.front().second);
    }
  }
  tell_news();
  return gone;
}

void MemoryStore::let_go(const std::string& id) {
  const auto it = batches_.find(key_of_.at(id));
  const CalendarTime until = calendar_() + limits_.keep_tombstone;
  tombstones_.emplace_back(until, id);
  tombstone_until_.emplace(id, until);
  ended_.erase(it->first);
  if (it->second.idempotency) requests_.erase(it->second.idempotency->key);
  kept_items_ -= it->second.items.size();
  kept_bytes_ -= it->second.bytes;
  board_.remove(it->first);
  key_of_.erase(id);
  batches_.erase(it);
}

void MemoryStore::make_room(std::size_t items) {
  const auto is_full = [&] { return kept_items_ + items > 2 * limits_.queue_items || kept_bytes_ > limits_.memory; };
  while (!ended_.empty() && is_full()) {
    let_go(std::string(batches_.at(*ended_.begin()).status.id));
  }
}

StoreCounts MemoryStore::counts() const {
  const std::scoped_lock lock(mutex_);
  return StoreCounts{.open_batches = board_.batches(),
                     .waiting_items = board_.waiting(),
                     .claimed_items = board_.claimed(),
                     .unwritten_results = 0};
}

StoreResult<MemoryStore::Batch*> MemoryStore::find(const std::string& id) {
  const auto it = key_of_.find(id);
  if (it != key_of_.end()) return &batches_.at(it->second);
  return tl::make_unexpected(tombstone_until_.contains(id) ? batch_expired() : no_such_batch());
}

BatchStatus MemoryStore::status_of(const Batch& batch) const {
  BatchStatus status = batch.status;
  status.phase = phase_of(status, batch.ending, board_.has_begun(batch.key));
  return status;
}

/// Whoever finds nobody telling tells all there is, so that listeners hear of results one by one and in their order.
void MemoryStore::tell_news() {
  for (;;) {
    std::vector<NewResults> pieces;
    {
      const std::scoped_lock lock(mutex_);
      if (telling_) return;
      pieces = news_.take();
      if (pieces.empty()) return;
      telling_ = true;
    }
    for (const NewResults& piece : pieces) on_results_.tell(piece);
    const std::scoped_lock lock(mutex_);
    telling_ = false;
  }
}

}  // namespace

std::unique_ptr<JobStore> make_memory_store(const StoreLimits& limits, Calendar calendar) {
  return std::make_unique<MemoryStore>(limits, std::move(calendar));
}

}  // namespace curlew
