#include "curlew/store/redis_teller.hpp"

namespace curlew {

NewResults ToldBatches::own(NewResults piece) {
  const auto known = open_.find(piece.status.id);
  if (known != open_.end() && known->second.done > piece.status.done) {
    piece.status = known->second;
  } else {
    note(piece.status);
  }
  return piece;
}

std::optional<NewResults> ToldBatches::others(const BatchStatus& status) {
  const auto known = open_.find(status.id);
  const bool is_known = known != open_.end() ? known->second.done >= status.done : status.done == 0;
  if (is_known || ended_.contains(status.id)) return std::nullopt;
  note(status);
  return NewResults{.status = status, .results = {}};
}

void ToldBatches::seen(const BatchStatus& status) {
  if (status.ended() || ended_.contains(status.id)) return;  // what was read may be older than what was told
  const auto [batch, is_new] = open_.try_emplace(status.id, status);
  // What listeners were told of it is nothing.
  if (is_new) batch->second.done = 0;
}

void ToldBatches::note(const BatchStatus& status) {
  if (!status.ended()) {
    open_[status.id] = status;
    return;
  }
  open_.erase(status.id);
  if (!ended_.insert(status.id).second) return;
  ended_by_age_.push_back(status.id);
  if (ended_by_age_.size() <= kEndedRemembered) return;
  ended_.erase(ended_by_age_.front());
  ended_by_age_.pop_front();
}

std::vector<std::string> ToldBatches::open() const {
  std::vector<std::string> open;
  open.reserve(open_.size());
  for (const auto& [id, status] : open_) open.push_back(id);
  return open;
}

void RedisTeller::set(std::function<void(const NewResults&)> on_results) {
  {
    const std::scoped_lock lock(mutex_);
    is_heard_ = static_cast<bool>(on_results);
  }
  on_results_.set(std::move(on_results));
}

bool RedisTeller::is_heard() const {
  const std::scoped_lock lock(mutex_);
  return is_heard_;
}

void RedisTeller::tell_own(std::vector<NewResults> pieces) {
  {
    const std::scoped_lock lock(mutex_);
    if (!is_heard_) return;
    for (NewResults& piece : pieces) pieces_.push_back(told_.own(std::move(piece)));
  }
  tell_all();
}

void RedisTeller::tell_others(const std::vector<std::string>& ids,
                              const std::vector<std::optional<BatchStatus>>& statuses) {
  {
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::optional<BatchStatus>& status = statuses[i];
      if (!status) {
        told_.forget(ids[i]);
      } else if (auto piece = told_.others(*status)) {
        pieces_.push_back(*std::move(piece));
      }
    }
  }
  tell_all();
}

void RedisTeller::note_seen(const BatchStatus& status) {
  const std::scoped_lock lock(mutex_);
  if (is_heard_) told_.seen(status);
}

std::vector<std::string> RedisTeller::open() const {
  const std::scoped_lock lock(mutex_);
  return told_.open();
}

/// Whoever finds nobody telling tells all there is.
void RedisTeller::tell_all() {
  for (;;) {
    NewResults piece;
    {
      const std::scoped_lock lock(mutex_);
      if (telling_ || pieces_.empty()) return;
      telling_ = true;
      piece = std::move(pieces_.front());
      pieces_.pop_front();
    }
    on_results_.tell(piece);
    const std::scoped_lock lock(mutex_);
    telling_ = false;
  }
}

}  // namespace curlew
