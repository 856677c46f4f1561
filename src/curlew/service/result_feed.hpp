#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "curlew/service/batch_news.hpp"
#include "curlew/store/job_store.hpp"

namespace curlew {

/// Hands the results of one batch to a taker, from a place on, in the order of their sequence, none left out and none
/// twice, as they come and as fast as the taker takes them.
///
/// Ownership: once started it keeps itself alive until it has ended or was stopped; store and news outlive it.
/// Threads:   any; the taker's functions are called by one thread at a time, without a lock held: that which starts or
///            resumes it, or that of the news. What they throw ends the feed, and is logged.
class ResultFeed : public std::enable_shared_from_this<ResultFeed> {
 public:
  /// Results that are read from the store at once.
  static constexpr std::size_t kPage = 100;

  struct Taker {
    /// Whether more may come now; where not, resume() asks for it.
    std::function<bool(const KeptResult&)> result;
    /// All are there. The last call.
    std::function<void(const BatchStatus&)> ended;
    /// The store cannot give the rest. The last call.
    std::function<void(const StoreError&)> failed;
  };

  /// One that will begin after the sequence number `after`. Whoever is to resume and stop it can be told of it before
  /// it starts.
  static std::shared_ptr<ResultFeed> make(JobStore& store, BatchNews& news, std::string batch, std::uint32_t after,
                                          Taker taker);

  /// Once. Cost: hands over what is there, as far as the taker takes it, before it returns.
  void start();
  /// The taker has room again. Cost: as start; not for the http thread.
  void resume();
  /// The taker is not called any more, but for a call that is under way.
  void stop();

 private:
  enum class Step : std::uint8_t { kMore, kWait, kOver };

  ResultFeed(JobStore& store, BatchNews& news, std::string batch, std::uint32_t after, Taker taker);
  void pump();
  Step step();
  Step take_page();
  bool hand_over(const KeptResult& result);
  bool finish();

  JobStore& store_;
  BatchNews& news_;
  const std::string batch_;
  std::uint32_t cursor_;  ///< the last sequence number that was handed over; of the thread that pumps
  Taker taker_;           ///< likewise

  std::mutex mutex_;
  bool pumping_ = false;
  bool again_ = false;  ///< something came while it pumped
  bool paused_ = false;
  std::size_t resumed_ = 0;  ///< how often
  bool over_ = false;
  BatchNews::Subscription subscription_;
};

}  // namespace curlew
