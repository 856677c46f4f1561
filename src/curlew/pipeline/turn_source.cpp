#include "curlew/pipeline/turn_source.hpp"

#include <algorithm>
#include <utility>

namespace curlew {

TurnSource::TurnSource(std::vector<ItemSource*> sources) : sources_(std::move(sources)) {}

std::optional<Item> TurnSource::claim(const HasRoom& has_room) {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const std::size_t at = (next_ + i) % sources_.size();
    if (auto item = sources_[at]->claim(has_room)) {
      next_ = at + 1;
      return item;
    }
  }
  return std::nullopt;
}

bool TurnSource::is_exhausted() const {
  return std::ranges::all_of(sources_, [](const ItemSource* source) { return source->is_exhausted(); });
}

void TurnSource::set_on_change(std::function<void()> on_change) {
  for (ItemSource* source : sources_) source->set_on_change(on_change);
}

}  // namespace curlew
