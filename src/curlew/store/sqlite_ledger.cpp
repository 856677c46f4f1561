#include "curlew/store/sqlite_ledger.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace curlew {

BatchRow* SqliteLedger::batch(const std::string& id) {
  auto it = batches_.find(id);
  if (it == batches_.end()) it = batches_.emplace(id, reads_.batch(id)).first;
  return it->second ? &*it->second : nullptr;
}

BatchRow* SqliteLedger::batch_of_request(const std::string& idempotency_key) {
  const auto found = reads_.batch_of_request(idempotency_key);
  return found ? batch(found->status.id) : nullptr;
}

BatchRow& SqliteLedger::add(BatchRow batch, const std::vector<NewItem>& items) {
  writes_.add(batch);
  for (std::size_t i = 0; i < items.size(); ++i) writes_.add(batch.key, static_cast<std::uint32_t>(i), items[i]);
  added_items_ += items.size();
  std::string id = batch.status.id;
  return *batches_.insert_or_assign(std::move(id), std::move(batch)).first->second;
}

bool SqliteLedger::keep(BatchRow& batch, ItemResult result) {
  if (!writes_.keep(batch.key, result, batch.status.done + 1)) return false;
  count_result(batch.status, result, time_);
  batch.status.phase = phase_of(batch.status, batch.ending, true);
  touch(batch);
  finished_.push_back({.batch = batch.key, .index = result.index});
  news_.add(batch.status, KeptResult{.sequence = batch.status.done, .result = std::move(result)});
  return true;
}

void SqliteLedger::end_items(BatchRow& batch, const std::vector<std::uint32_t>& indexes) {
  const auto waited = std::max(time_ - batch.status.created_at, std::chrono::milliseconds(0));
  for (const std::uint32_t index : indexes) {
    const auto item = reads_.item(batch.key, index);
    if (item) keep(batch, ended_result(batch.status.id, index, item->text, batch.ending, waited));
  }
}

void SqliteLedger::remove(const BatchRow& batch, CalendarTime tombstone_until) {
  const std::string id = batch.status.id;
  writes_.remove(batch, tombstone_until);
  touched_.erase(id);
  removed_.push_back(id);
  batches_.insert_or_assign(id, std::nullopt);
}

std::vector<BatchStatus> SqliteLedger::changed() const {
  std::vector<BatchStatus> statuses;
  statuses.reserve(touched_.size());
  for (const std::string& id : touched_) {
    const BatchRow& row = *batches_.at(id);
    statuses.push_back(row.status);
    statuses.back().phase = phase_of(row.status, row.ending, true);
  }
  return statuses;
}

void SqliteLedger::flush() {
  for (const std::string& id : touched_) writes_.update(*batches_.at(id));
}

}  // namespace curlew
