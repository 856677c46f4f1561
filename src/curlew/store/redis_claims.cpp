#include "curlew/store/redis_claims.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "curlew/core/url.hpp"

namespace curlew {
namespace {

/// Whose transfer limit counts it; empty for what needs no transfer.
std::string origin_of(const Claim& claim) {
  const auto* url = std::get_if<Url>(&claim.item.source);
  return url != nullptr ? url->origin() : std::string();
}

}  // namespace

std::map<std::string, std::size_t> RedisClaims::rooms(std::size_t max_items, const RoomOf& room_of) {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, std::size_t> rooms;
  for (const auto& [origin, claims] : origins_) {
    if (const std::size_t room = room_of(origin); room < max_items) rooms.emplace(origin, room);
  }
  for (const auto& [origin, refusal] : tight_) {
    if (origins_.contains(origin)) continue;
    if (const std::size_t room = room_of(origin); room < max_items) rooms.emplace(origin, room);
  }
  return rooms;
}

std::vector<ItemKey> RedisClaims::admit(std::vector<Claim>& claims, const RoomOf& room_of) {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, std::size_t> left;
  std::vector<ItemKey> refused;
  std::vector<Claim> admitted;
  for (Claim& claim : claims) {
    const std::string origin = origin_of(claim);
    ItemKey key{.batch = claim.item.batch, .index = claim.item.index};
    if (!origin.empty()) {
      auto room = left.find(origin);
      if (room == left.end()) room = left.emplace(origin, room_of(origin)).first;
      if (room->second == 0) {
        tight_[origin] = ++refusals_;
        refused.push_back(std::move(key));
        continue;
      }
      --room->second;
    }
    // It may be here already: its lease was over, and it came back to where it is still worked on.
    if (origin_of_.emplace(std::move(key), origin).second && !origin.empty()) ++origins_[origin];
    admitted.push_back(std::move(claim));
  }
  claims = std::move(admitted);
  while (tight_.size() > kTightOrigins) {
    tight_.erase(std::ranges::min_element(tight_, {}, [](const auto& entry) { return entry.second; }));
  }
  return refused;
}

std::vector<ItemKey> RedisClaims::remove(std::span<const ItemKey> items) {
  const std::scoped_lock lock(mutex_);
  std::vector<ItemKey> removed;
  for (const ItemKey& item : items) {
    const auto it = origin_of_.find(item);
    if (it == origin_of_.end()) continue;
    const auto origin = origins_.find(it->second);
    if (origin != origins_.end() && --origin->second == 0) origins_.erase(origin);
    origin_of_.erase(it);
    removed.push_back(item);
  }
  return removed;
}

std::vector<ItemKey> RedisClaims::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<ItemKey> all;
  all.reserve(origin_of_.size());
  for (const auto& [item, origin] : origin_of_) all.push_back(item);
  return all;
}

std::size_t RedisClaims::size() const {
  const std::scoped_lock lock(mutex_);
  return origin_of_.size();
}

}  // namespace curlew
