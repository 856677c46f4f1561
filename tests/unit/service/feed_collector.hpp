#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "curlew/service/result_feed.hpp"

namespace curlew::fakes {

/// Takes what a feed brings, and remembers it.
class Collector {
 public:
  explicit Collector(std::function<bool(const KeptResult&)> answer = [](const KeptResult&) { return true; })
      : answer_(std::move(answer)) {}

  ResultFeed::Taker taker() {
    return {.result =
                [this](const KeptResult& kept) {
                  {
                    const std::scoped_lock lock(mutex_);
                    sequences_.push_back(kept.sequence);
                    changed_.notify_all();
                  }
                  return answer_(kept);
                },
            .ended = [this](const BatchStatus&) { close("ended"); },
            .failed = [this](const StoreError& error) { close("failed: " + error.message); }};
  }

  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return sequences_.size() >= count; });
  }
  /// The last words, when there are some.
  std::string end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !last_words_.empty(); });
    return last_words_;
  }
  std::string last_words() const {
    const std::scoped_lock lock(mutex_);
    return last_words_;
  }
  std::vector<std::uint32_t> sequences() const {
    const std::scoped_lock lock(mutex_);
    return sequences_;
  }

 private:
  void close(const std::string& word) {
    const std::scoped_lock lock(mutex_);
    last_words_ += word;
    changed_.notify_all();
  }

  const std::function<bool(const KeptResult&)> answer_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::uint32_t> sequences_;
  std::string last_words_;
};

inline std::vector<std::uint32_t> from_to(std::uint32_t first, std::uint32_t last) {
  std::vector<std::uint32_t> all(last + 1 - first);
  std::iota(all.begin(), all.end(), first);
  return all;
}

}  // namespace curlew::fakes
