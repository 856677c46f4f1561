#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/store/batch.hpp"

namespace curlew {

/// Tells any number of listeners that a batch has new results, on a thread of its own: whoever brings the news goes on
/// at once. It keeps no results: who listens reads them from the store at a pace of its own, so that a slow one costs
/// nobody anything.
///
/// Threads: any.
/// Cost:    what is still to be told is one status a batch that somebody listens to, however many results came.
class BatchNews {
 public:
  /// Called on the thread of the news. Not called any more once its Subscription has gone, but for a call that is under
  /// way. One that throws is logged.
  using Heard = std::function<void(const BatchStatus&)>;

  class Subscription {
   public:
    Subscription() = default;
    Subscription(Subscription&& other) noexcept;
    Subscription& operator=(Subscription&& other) noexcept;
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription();

   private:
    friend class BatchNews;
    Subscription(BatchNews& news, std::string batch, std::size_t id)
        : news_(&news), batch_(std::move(batch)), id_(id) {}

    BatchNews* news_ = nullptr;
    std::string batch_;
    std::size_t id_ = 0;
  };

  BatchNews();
  /// Lets go of all who listen. Subscriptions that are held elsewhere go before it.
  ~BatchNews();
  BatchNews(const BatchNews&) = delete;
  BatchNews& operator=(const BatchNews&) = delete;

  Subscription listen(const std::string& batch, Heard heard);
  /// Cost: never blocks.
  void tell(const BatchStatus& status);
  std::size_t listeners() const;
  /// Returns when nobody listens, or `end` has come.
  void wait_until_nobody_listens(TimePoint end);

 private:
  using Listeners = std::map<std::size_t, std::shared_ptr<Heard>>;

  void run(const std::stop_token& stop);
  std::vector<std::shared_ptr<Heard>> listeners_of(const std::string& batch) const;
  void forget(const std::string& batch, std::size_t id);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t next_id_ = 0;
  std::map<std::string, Listeners> heard_;
  std::deque<std::string> turns_;              ///< batches with something untold; each once
  std::map<std::string, BatchStatus> untold_;  ///< the last status of each of them
  std::jthread thread_;
};

}  // namespace curlew
