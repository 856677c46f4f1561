#include "curlew/store/redis_lanes.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "curlew/store/stored_item.hpp"

namespace curlew {

LanePlan plan_lanes(std::span<const NewItem> items) {
  LanePlan plan;
  struct Origin {
    std::size_t first = 0;
    std::size_t items = 0;
    std::size_t lane = 0;
  };
  std::vector<std::string> origins;
  std::unordered_map<std::string, Origin> known;
  for (const NewItem& item : items) {
    origins.push_back(origin_of(item));
    auto& origin = known.emplace(origins.back(), Origin{.first = origins.size()}).first->second;
    ++origin.items;
  }
  std::vector<std::pair<const std::string, Origin>*> by_size;
  by_size.reserve(known.size());
  for (auto& entry : known) by_size.push_back(&entry);
  std::ranges::sort(by_size, [](const auto* left, const auto* right) {
    return std::pair(right->second.items, left->second.first) < std::pair(left->second.items, right->second.first);
  });
  plan.has_shared = by_size.size() > kMaxLanes;
  const std::size_t own = plan.has_shared ? kMaxLanes - 1 : by_size.size();
  for (std::size_t i = 0; i < by_size.size(); ++i) {
    by_size[i]->second.lane = std::min(i, own);
    if (i < own) plan.origins.push_back(by_size[i]->first);
  }
  for (std::string& origin : origins) {
    plan.lane_of.push_back(known.at(origin).lane);
    plan.origin_of.push_back(plan.lane_of.back() == own ? std::move(origin) : std::string());
  }
  return plan;
}

}  // namespace curlew
