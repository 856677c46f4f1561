#include "curlew/service/batch_news.hpp"

#include <exception>
#include <stop_token>

#include "curlew/base/log.hpp"
#include "curlew/base/thread.hpp"

namespace curlew {

BatchNews::Subscription::Subscription(Subscription&& other) noexcept
    : news_(std::exchange(other.news_, nullptr)), batch_(std::move(other.batch_)), id_(other.id_) {}

BatchNews::Subscription& BatchNews::Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  if (news_ != nullptr) news_->forget(batch_, id_);
  news_ = std::exchange(other.news_, nullptr);
  batch_ = std::move(other.batch_);
  id_ = other.id_;
  return *this;
}

BatchNews::Subscription::~Subscription() {
  if (news_ != nullptr) news_->forget(batch_, id_);
}

BatchNews::BatchNews() {
  thread_ = start_thread("news", [this](const std::stop_token& stop) { run(stop); });
}

BatchNews::~BatchNews() {
  thread_.request_stop();
  thread_.join();
  std::map<std::string, Listeners> last;  // what they hold may forget() itself while it goes
  const std::scoped_lock lock(mutex_);
  last.swap(heard_);
}

BatchNews::Subscription BatchNews::listen(const std::string& batch, Heard heard) {
  const std::scoped_lock lock(mutex_);
  const std::size_t id = next_id_++;
  heard_[batch][id] = std::make_shared<Heard>(std::move(heard));
  return {*this, batch, id};
}

void BatchNews::tell(const BatchStatus& status) {
  const std::scoped_lock lock(mutex_);
  if (!heard_.contains(status.id)) return;
  if (untold_.insert_or_assign(status.id, status).second) turns_.push_back(status.id);
  changed_.notify_all();
}

void BatchNews::run(const std::stop_token& stop) {
  for (;;) {
    std::vector<std::shared_ptr<Heard>> told;
    BatchStatus status;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !turns_.empty(); })) return;
      auto next = untold_.extract(turns_.front());
      turns_.pop_front();
      status = std::move(next.mapped());
      told = listeners_of(status.id);
    }
    for (const auto& heard : told) {
      try {
        (*heard)(status);
      } catch (const std::exception& fault) {
        log_error("who listened to a batch failed: {}", fault.what());
      }
    }
  }
}

std::vector<std::shared_ptr<BatchNews::Heard>> BatchNews::listeners_of(const std::string& batch) const {
  std::vector<std::shared_ptr<Heard>> all;
  const auto found = heard_.find(batch);
  if (found == heard_.end()) return all;
  for (const auto& [id, heard] : found->second) all.push_back(heard);
  return all;
}

std::size_t BatchNews::listeners() const {
  const std::scoped_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [batch, heard] : heard_) count += heard.size();
  return count;
}

void BatchNews::wait_until_nobody_listens(TimePoint end) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, end, [this] { return heard_.empty(); });
}

void BatchNews::forget(const std::string& batch, std::size_t id) {
  std::shared_ptr<Heard> last;  // goes outside the lock: what it holds may call back
  const std::scoped_lock lock(mutex_);
  const auto found = heard_.find(batch);
  if (found == heard_.end()) return;
  if (const auto heard = found->second.find(id); heard != found->second.end()) {
    last = std::move(heard->second);
    found->second.erase(heard);
  }
  if (!found->second.empty()) return;
  heard_.erase(found);
  if (heard_.empty()) changed_.notify_all();
}

}  // namespace curlew
