#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "curlew/fetch/fetcher.hpp"

namespace curlew {

/// Fetches a URL once though several ask for it at the same time: who comes while it is on its way gets the bytes, or
/// the error, that come. Nothing is remembered beyond that.
class SharedFetcher : public Fetcher {
 public:
  explicit SharedFetcher(std::unique_ptr<Fetcher> web) : web_(std::move(web)) {}

  void start(const Source& source, Done done) override;
  void cancel_all() override { web_->cancel_all(); }
  std::uint64_t joined() const override { return joined_; }

 private:
  struct Passenger {
    Done done;
    TimePoint came_at;
  };
  void land(const std::string& url, const FetchOutcome& outcome);

  std::mutex mutex_;
  std::map<std::string, std::vector<Passenger>> flights_;  ///< by normalised URL
  std::atomic<std::uint64_t> joined_ = 0;
  std::unique_ptr<Fetcher> web_;  ///< the last: its end answers whoever waits
};

}  // namespace curlew
