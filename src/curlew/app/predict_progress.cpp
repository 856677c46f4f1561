#include "curlew/app/predict_progress.hpp"

#include <algorithm>
#include <utility>

namespace curlew {
namespace {

/// A service may say that all is done a moment before it can show the last results.
constexpr int kBarrenEnds = 3;

}  // namespace

PredictProgress::PredictProgress(std::vector<std::string> urls, std::string batch, TimePoint asked_at)
    : batch_(std::move(batch)),
      open_(urls.size()),
      seen_(urls.size() + 1),
      last_result_(asked_at),
      last_sign_(asked_at) {
  items_.reserve(urls.size());
  for (auto& url : urls) items_.push_back({.url = std::move(url)});
  for (std::size_t place = 0; place < items_.size(); ++place) open_by_url_[items_[place].url].push_back(place);
}

std::optional<std::size_t> PredictProgress::place_by_url(const std::string& url) {
  const auto found = open_by_url_.find(url);
  if (found == open_by_url_.end()) return std::nullopt;
  auto& places = found->second;
  // Those that were taken by their place are still in the list.
  while (!places.empty() && !items_[places.front()].open) places.pop_front();
  if (places.empty()) return std::nullopt;
  return places.front();
}

std::optional<std::size_t> PredictProgress::place_of(const ResultMessage& message) {
  if (batch_.empty() || !message.has_index) return place_by_url(message.result.url);
  if (message.result.index >= items_.size()) return std::nullopt;
  return message.result.index;
}

void PredictProgress::mark_sequence(std::uint32_t sequence) {
  if (sequence == 0 || sequence >= seen_.size()) return;
  seen_[sequence] = true;
  highest_ = std::max(highest_, sequence);
  while (contiguous_ + 1 < seen_.size() && seen_[contiguous_ + 1]) ++contiguous_;
}

std::optional<PlacedResult> PredictProgress::take(ResultMessage message, TimePoint at) {
  const auto place = place_of(message);
  if (!place) return std::nullopt;
  mark_sequence(message.sequence);
  if (!std::exchange(items_[*place].open, false)) return std::nullopt;
  --open_;
  last_result_ = at;
  last_sign_ = at;
  return PlacedResult{.place = *place, .result = std::move(message.result)};
}

std::optional<PlacedResult> PredictProgress::published(ResultMessage message, TimePoint at) {
  if (!batch_.empty() && message.result.batch != batch_) return std::nullopt;
  return take(std::move(message), at);
}

std::optional<ResultsCall> PredictProgress::due(TimePoint at) const {
  if (batch_.empty() || open_ == 0 || at < not_before_) return std::nullopt;
  if (!next_ && !has_gap() && at < last_result_ + kQuiet) return std::nullopt;
  return ResultsCall{.batch = batch_, .after = question(), .limit = kPage};
}

std::vector<PlacedResult> PredictProgress::answered(ResultsAnswer answer, TimePoint at) {
  const auto asked = question();
  last_sign_ = at;
  std::vector<PlacedResult> fresh;
  for (auto& message : answer.results) {
    if (!message.result.batch.empty() && message.result.batch != batch_) continue;
    if (auto placed = take(std::move(message), at)) fresh.push_back(std::move(*placed));
  }
  // Pages that lead back, or on and on, would be read for ever.
  const bool leads_on = answer.next && *answer.next > asked && *answer.next < seen_.size();
  next_ = leads_on ? answer.next : std::nullopt;
  if (fresh.empty() && !next_) not_before_ = at + kPause;
  const bool barren_end = fresh.empty() && !next_ && answer.total > 0 && answer.done >= answer.total;
  barren_ends_ = barren_end ? barren_ends_ + 1 : 0;
  return fresh;
}

void PredictProgress::unanswered(TimePoint at) {
  next_.reset();
  not_before_ = at + kPause;
}

TimePoint PredictProgress::next_look() const {
  const TimePoint end = last_sign_ + kGiveUp;
  if (batch_.empty()) return end;
  if (next_ || has_gap()) return std::min(end, not_before_);
  return std::min(end, std::max(not_before_, last_result_ + kQuiet));
}

bool PredictProgress::given_up(TimePoint at) const {
  return open_ > 0 && (barren_ends_ >= kBarrenEnds || at >= last_sign_ + kGiveUp);
}

}  // namespace curlew
