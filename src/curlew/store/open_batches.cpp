#include "curlew/store/open_batches.hpp"

#include <utility>

namespace curlew {

void OpenBatches::add(BatchKey key, Batch batch, const std::vector<ClaimBoard::Waiting>& items) {
  if (items.empty()) return;
  const std::scoped_lock lock(mutex_);
  board_.add(key, items);
  key_of_.emplace(batch.id, key);
  batch.without_result = items.size();
  batches_.emplace(key, std::move(batch));
}

void OpenBatches::remove(BatchKey key) {
  const std::scoped_lock lock(mutex_);
  const auto it = batches_.find(key);
  if (it == batches_.end()) return;
  board_.remove(key);
  key_of_.erase(it->second.id);
  batches_.erase(it);
}

std::vector<OpenBatches::Claimed> OpenBatches::claim(std::size_t max_items, const RoomOf& room_of) {
  const std::scoped_lock lock(mutex_);
  std::vector<Claimed> claims;
  for (const Place& place : board_.claim(max_items, room_of)) {
    claims.push_back({.place = place, .batch = batches_.at(place.batch)});
  }
  return claims;
}

std::vector<ItemKey> OpenBatches::give_back(std::span<const ItemKey> items) {
  const std::scoped_lock lock(mutex_);
  std::vector<ItemKey> of_ending_batches;
  for (const ItemKey& item : items) {
    const auto key = key_of_.find(item.batch);
    if (key == key_of_.end()) continue;
    const Place place{.batch = key->second, .index = item.index};
    if (batches_.at(key->second).ending == Ending::kNone) {
      board_.give_back(place);
    } else if (board_.is_claimed(place)) {
      of_ending_batches.push_back(item);
    }
  }
  return of_ending_batches;
}

void OpenBatches::give_back(const Place& place) {
  const std::scoped_lock lock(mutex_);
  board_.give_back(place);
}

std::vector<std::uint32_t> OpenBatches::begin_ending(BatchKey key, Ending ending) {
  const std::scoped_lock lock(mutex_);
  const auto it = batches_.find(key);
  if (it == batches_.end()) return {};
  it->second.ending = ending;
  return board_.claim_all(key);
}

void OpenBatches::undo_ending(BatchKey key, const std::vector<std::uint32_t>& indexes) {
  const std::scoped_lock lock(mutex_);
  const auto it = batches_.find(key);
  if (it == batches_.end()) return;
  it->second.ending = Ending::kNone;
  for (const std::uint32_t index : indexes) board_.give_back({.batch = key, .index = index});
}

OpenBatches::Company OpenBatches::hand_in(const std::string& batch, std::size_t results, std::size_t unwritten) {
  const std::scoped_lock lock(mutex_);
  if (board_.claimed() <= unwritten) return Company::kNone;
  const auto key = key_of_.find(batch);
  if (key == key_of_.end()) return Company::kOthers;
  Batch& known = batches_.at(key->second);
  known.handed_in += results;
  if (!std::exchange(known.has_answered, true)) return Company::kNone;
  return known.without_result > known.handed_in ? Company::kMany : Company::kOthers;
}

void OpenBatches::finish(const std::vector<Place>& places) {
  const std::scoped_lock lock(mutex_);
  for (const Place& place : places) {
    board_.finish(place);
    const auto it = batches_.find(place.batch);
    if (it == batches_.end()) continue;
    Batch& batch = it->second;
    if (batch.without_result > 0) --batch.without_result;
    if (batch.handed_in > 0) --batch.handed_in;
    if (board_.contains(place.batch)) continue;
    key_of_.erase(it->second.id);
    batches_.erase(it);
  }
}

bool OpenBatches::has_begun(BatchKey key) const {
  const std::scoped_lock lock(mutex_);
  return board_.has_begun(key);
}

std::size_t OpenBatches::items() const {
  const std::scoped_lock lock(mutex_);
  return board_.waiting() + board_.claimed();
}

StoreCounts OpenBatches::counts() const {
  const std::scoped_lock lock(mutex_);
  return StoreCounts{.open_batches = board_.batches(),
                     .waiting_items = board_.waiting(),
                     .claimed_items = board_.claimed(),
                     .unwritten_results = 0};
}

}  // namespace curlew
