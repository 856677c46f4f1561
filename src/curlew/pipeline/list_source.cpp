#include "curlew/pipeline/list_source.hpp"

#include <utility>
#include <variant>

#include "curlew/pipeline/origin.hpp"

namespace curlew {

ListSource::ListSource(std::vector<Item> items) : items_(std::move(items)) {
  for (std::size_t i = 0; i < items_.size(); ++i) by_origin_[origin_of(items_[i])].push_back(i);
  for (const auto& [origin, places] : by_origin_) first_of_origin_.emplace(places.front(), origin);
}

std::optional<Item> ListSource::claim(const HasRoom& has_room) {
  for (auto it = first_of_origin_.begin(); it != first_of_origin_.end(); ++it) {
    const std::string origin = it->second;
    if (!origin.empty() && !has_room(origin)) continue;
    Item item = std::move(items_[it->first]);
    auto& places = by_origin_[origin];
    places.pop_front();
    first_of_origin_.erase(it);
    if (!places.empty()) first_of_origin_.emplace(places.front(), origin);
    return item;
  }
  return std::nullopt;
}

bool ListSource::is_exhausted() const { return first_of_origin_.empty(); }

void ListSource::set_on_change(std::function<void()> /*on_change*/) {
  // The list is whole: no claim ever gives more but by room, of which the pipeline knows itself.
}

}  // namespace curlew
