#include "curlew/store/items_ahead.hpp"

#include <utility>

namespace curlew {
namespace {

std::size_t bytes_of(const NewItem& item) { return sizeof(NewItem) + item.text.size() + item.problem.size(); }

}  // namespace

std::optional<NewItem> ItemsAhead::take(ClaimBoard::BatchKey batch, std::uint32_t index) {
  if (auto item = find(batch, index)) return item;
  read(batch, index);
  return find(batch, index);
}

std::optional<NewItem> ItemsAhead::find(ClaimBoard::BatchKey batch, std::uint32_t index) {
  const auto items = items_.find(batch);
  if (items == items_.end()) return std::nullopt;
  auto found = items->second.extract(index);
  if (items->second.empty()) items_.erase(items);
  if (!found) return std::nullopt;
  bytes_ -= bytes_of(found.mapped());
  return std::move(found.mapped());
}

void ItemsAhead::read(ClaimBoard::BatchKey batch, std::uint32_t index) {
  if (bytes_ > kMaxBytes) {
    items_.clear();
    bytes_ = 0;
  }
  for (auto& [place, item] : reads_.items_from(batch, index, kTogether)) {
    const std::size_t bytes = bytes_of(item);
    if (items_[batch].emplace(place, std::move(item)).second) bytes_ += bytes;
  }
}

}  // namespace curlew
