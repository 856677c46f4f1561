#include "curlew/store/recent_results.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "curlew/store/stored_item.hpp"

namespace curlew {
namespace {

std::size_t bytes_of(const NewResults& piece) {
  std::size_t bytes = sizeof(NewResults);
  for (const KeptResult& kept : piece.results) bytes += bytes_of(kept.result);
  return bytes;
}

}  // namespace

void RecentResults::hide() {
  const std::scoped_lock lock(mutex_);
  hidden_ = true;
}

void RecentResults::show(const Changes& changes) {
  const std::scoped_lock lock(mutex_);
  for (const auto& piece : changes.news) {
    if (piece->results.empty()) continue;
    Batch& batch = batches_[piece->status.id];
    batch.pieces.push_back(piece);
    by_age_.push_back({.batch = piece->status.id, .results = piece, .bytes = bytes_of(*piece)});
    bytes_ += by_age_.back().bytes;
  }
  for (const BatchStatus& status : changes.changed) {
    const auto known = batches_.find(status.id);
    if (known != batches_.end()) known->second.status = status;
  }
  for (const std::string& batch : changes.removed) batches_.erase(batch);
  while (bytes_ > max_bytes_) drop_oldest();
  hidden_ = false;
}

void RecentResults::forget_all() {
  const std::scoped_lock lock(mutex_);
  batches_.clear();
  by_age_.clear();
  bytes_ = 0;
  hidden_ = false;
}

void RecentResults::drop_oldest() {
  const Piece oldest = std::move(by_age_.front());
  by_age_.pop_front();
  bytes_ -= oldest.bytes;
  const auto batch = batches_.find(oldest.batch);
  if (batch == batches_.end()) return;
  batch->second.pieces.pop_front();
  if (batch->second.pieces.empty()) batches_.erase(batch);
}

std::optional<ResultPage> RecentResults::page(const std::string& batch, std::uint32_t after, std::size_t limit) const {
  const std::scoped_lock lock(mutex_);
  if (hidden_) return std::nullopt;
  const auto known = batches_.find(batch);
  if (known == batches_.end()) return std::nullopt;
  const auto& [status, pieces] = known->second;
  if (after < pieces.front()->results.front().sequence - 1) return std::nullopt;
  ResultPage page{.results = {}, .status = status};
  const auto is_read = [after](const auto& piece) { return piece->results.back().sequence <= after; };
  auto piece = std::ranges::partition_point(pieces, is_read);
  for (; piece != pieces.end() && page.results.size() < limit; ++piece) {
    const auto& results = (*piece)->results;
    const std::uint32_t first = results.front().sequence;
    const std::size_t skipped = after < first ? 0 : after - first + 1;
    const std::size_t taken = std::min(results.size() - skipped, limit - page.results.size());
    const auto begin = results.begin() + static_cast<std::ptrdiff_t>(skipped);
    page.results.insert(page.results.end(), begin, begin + static_cast<std::ptrdiff_t>(taken));
  }
  return page;
}

}  // namespace curlew
