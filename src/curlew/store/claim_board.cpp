#include "curlew/store/claim_board.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

namespace curlew {

/// What each origin has room for during one claim; asked once.
class ClaimBoard::Rooms {
 public:
  explicit Rooms(const RoomOf& room_of) : room_of_(room_of) {}

  bool has_room(const std::string& origin) { return origin.empty() || room(origin) > 0; }

  void enter(const std::string& origin) {
    if (!origin.empty()) --room(origin);
  }

 private:
  std::size_t& room(const std::string& origin) {
    const auto known = left_.find(origin);
    if (known != left_.end()) return known->second;
    return left_.emplace(origin, room_of_(origin)).first->second;
  }

  const RoomOf& room_of_;
  std::unordered_map<std::string, std::size_t> left_;
};

void ClaimBoard::add(BatchKey key, const std::vector<Waiting>& items) {
  if (items.empty()) return;
  Batch& batch = batches_[key];
  std::unordered_map<std::string_view, std::size_t> lane_of;
  for (const Waiting& item : items) {
    const auto [it, is_new] = lane_of.emplace(item.origin, batch.lanes.size());
    if (is_new) {
      batch.lanes.push_back(Lane{.origin = item.origin, .waiting = {}});
      batch.heads.emplace(item.index, it->second);
    }
    batch.lanes[it->second].waiting.push_back(item.index);
  }
  for (Lane& lane : batch.lanes) {
    std::ranges::reverse(lane.waiting);
    lane.waiting.shrink_to_fit();
  }
  waiting_ += items.size();
  put_in_turn(key, batch, ++last_turn_);
}

std::vector<ClaimBoard::Place> ClaimBoard::claim(std::size_t max_items, const RoomOf& room_of) {
  std::vector<Place> places;
  Rooms rooms(room_of);
  while (places.size() < max_items) {
    const auto place = claim_one(rooms);
    if (!place) break;
    places.push_back(*place);
  }
  return places;
}

std::optional<ClaimBoard::Place> ClaimBoard::claim_one(Rooms& rooms) {
  for (;;) {
    // Parked batches have waited longest for their turn, but only as long as the batch in front says so.
    const auto parked = first_parked(rooms);
    const bool parked_is_due =
        parked && (turns_.empty() || batches_.find(*parked)->second.turn < turns_.begin()->first);
    if (!parked_is_due && turns_.empty()) return std::nullopt;
    const BatchKey key = parked_is_due ? *parked : turns_.begin()->second;
    if (const auto place = take_from(key, rooms)) return place;
    park(key, batches_.find(key)->second);
  }
}

std::optional<ClaimBoard::BatchKey> ClaimBoard::first_parked(Rooms& rooms) const {
  std::optional<std::pair<std::uint64_t, BatchKey>> first;
  for (const auto& [origin, waiting] : parked_) {
    if ((!first || *waiting.begin() < *first) && rooms.has_room(origin)) first = *waiting.begin();
  }
  if (!first) return std::nullopt;
  return first->second;
}

std::optional<ClaimBoard::Place> ClaimBoard::take_from(BatchKey key, Rooms& rooms) {
  Batch& batch = batches_.find(key)->second;
  const auto head = std::ranges::find_if(
      batch.heads, [&](const auto& entry) { return rooms.has_room(batch.lanes[entry.second].origin); });
  if (head == batch.heads.end()) return std::nullopt;
  leave_standing(key, batch);
  const auto [index, lane_number] = *head;
  Lane& lane = batch.lanes[lane_number];
  rooms.enter(lane.origin);
  batch.heads.erase(head);
  lane.waiting.pop_back();
  if (!lane.waiting.empty()) batch.heads.emplace(lane.waiting.back(), lane_number);
  batch.claimed.emplace(index, lane_number);
  batch.has_begun = true;
  --waiting_;
  ++claimed_;
  if (!batch.heads.empty()) put_in_turn(key, batch, ++last_turn_);
  return Place{.batch = key, .index = index};
}

std::vector<std::uint32_t> ClaimBoard::claim_all(BatchKey key) {
  std::vector<std::uint32_t> indexes;
  const auto it = batches_.find(key);
  if (it == batches_.end()) return indexes;
  Batch& batch = it->second;
  leave_standing(key, batch);
  batch.heads.clear();
  for (std::size_t number = 0; number < batch.lanes.size(); ++number) {
    for (const std::uint32_t index : batch.lanes[number].waiting) {
      indexes.push_back(index);
      batch.claimed.emplace(index, number);
    }
    batch.lanes[number].waiting.clear();
  }
  std::ranges::sort(indexes);
  waiting_ -= indexes.size();
  claimed_ += indexes.size();
  return indexes;
}

bool ClaimBoard::give_back(const Place& place) {
  const auto it = batches_.find(place.batch);
  if (it == batches_.end()) return false;
  Batch& batch = it->second;
  const auto claimed = batch.claimed.find(place.index);
  if (claimed == batch.claimed.end()) return false;
  // Its turn stays; a parked one is looked at again, since what came back may be of an origin that has room.
  const bool had_a_turn = batch.standing != Batch::Standing::kNothingWaits;
  leave_standing(place.batch, batch);
  const std::size_t number = claimed->second;
  batch.claimed.erase(claimed);
  auto& waiting = batch.lanes[number].waiting;
  if (!waiting.empty()) batch.heads.erase(waiting.back());
  waiting.insert(std::ranges::upper_bound(waiting, place.index, std::greater()), place.index);
  batch.heads.emplace(waiting.back(), number);
  --claimed_;
  ++waiting_;
  put_in_turn(place.batch, batch, had_a_turn ? batch.turn : ++last_turn_);
  return true;
}

bool ClaimBoard::finish(const Place& place) {
  const auto it = batches_.find(place.batch);
  if (it == batches_.end()) return false;
  Batch& batch = it->second;
  // A result may come for what was given back: then it is taken out of its lane as if it were claimed.
  if (batch.claimed.erase(place.index) == 1) {
    --claimed_;
  } else {
    const auto lane = std::ranges::find_if(batch.lanes, [&](const Lane& candidate) {
      return std::ranges::binary_search(candidate.waiting, place.index, std::greater());
    });
    if (lane == batch.lanes.end()) return false;
    leave_standing(place.batch, batch);
    batch.heads.erase(lane->waiting.back());
    lane->waiting.erase(std::ranges::lower_bound(lane->waiting, place.index, std::greater()));
    if (!lane->waiting.empty()) {
      batch.heads.emplace(lane->waiting.back(), static_cast<std::size_t>(lane - batch.lanes.begin()));
    }
    if (!batch.heads.empty()) put_in_turn(place.batch, batch, batch.turn);
    --waiting_;
  }
  erase_if_over(it);
  return true;
}

void ClaimBoard::remove(BatchKey key) {
  const auto it = batches_.find(key);
  if (it == batches_.end()) return;
  leave_standing(key, it->second);
  claimed_ -= it->second.claimed.size();
  for (const Lane& lane : it->second.lanes) waiting_ -= lane.waiting.size();
  batches_.erase(it);
}

bool ClaimBoard::is_claimed(const Place& place) const {
  const auto it = batches_.find(place.batch);
  return it != batches_.end() && it->second.claimed.contains(place.index);
}

bool ClaimBoard::has_begun(BatchKey batch) const {
  const auto it = batches_.find(batch);
  return it != batches_.end() && it->second.has_begun;
}

void ClaimBoard::put_in_turn(BatchKey key, Batch& batch, std::uint64_t turn) {
  batch.turn = turn;
  batch.standing = Batch::Standing::kInTurn;
  turns_.emplace(turn, key);
}

void ClaimBoard::park(BatchKey key, Batch& batch) {
  leave_standing(key, batch);
  batch.standing = Batch::Standing::kParked;
  for (const auto& [index, number] : batch.heads) parked_[batch.lanes[number].origin].emplace(batch.turn, key);
}

void ClaimBoard::leave_standing(BatchKey key, Batch& batch) {
  if (batch.standing == Batch::Standing::kInTurn) turns_.erase(batch.turn);
  if (batch.standing == Batch::Standing::kParked) {
    for (const auto& [index, number] : batch.heads) {
      const auto it = parked_.find(batch.lanes[number].origin);
      if (it == parked_.end()) continue;
      it->second.erase({batch.turn, key});
      if (it->second.empty()) parked_.erase(it);
    }
  }
  batch.standing = Batch::Standing::kNothingWaits;
}

void ClaimBoard::erase_if_over(Batches::iterator it) {
  if (it->second.heads.empty() && it->second.claimed.empty()) batches_.erase(it);
}

}  // namespace curlew
