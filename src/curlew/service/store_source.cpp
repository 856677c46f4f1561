#include "curlew/service/store_source.hpp"

#include <cstddef>
#include <utility>

namespace curlew {

StoreSource::StoreSource(JobStore& store, std::string mark) : store_(store), mark_(std::move(mark)) {}

StoreSource::~StoreSource() { store_.set_on_work({}); }

std::optional<Item> StoreSource::claim(const HasRoom& has_room) {
  if (closed_) return std::nullopt;
  // One at a time: what is claimed and not begun would be missing to the turns that batches take.
  auto claims =
      store_.claim(1, [&](const std::string& origin) { return static_cast<std::size_t>(has_room(origin) ? 1 : 0); });
  // A store in trouble gives nothing; it tells its log why, and set_on_work's listener when that has passed.
  if (!claims || claims->empty()) return std::nullopt;
  Item item = std::move(claims->front().item);
  item.batch.insert(0, mark_);
  return item;
}

void StoreSource::set_on_change(std::function<void()> on_change) {
  store_.set_on_work(on_change);
  on_change_.set(std::move(on_change));
}

void StoreSource::close() {
  closed_ = true;
  on_change_.tell();
}

}  // namespace curlew
