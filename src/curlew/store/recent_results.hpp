#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "curlew/store/batch.hpp"

namespace curlew {

/// The results that were kept last, for those who read them as they come, so that the disk need not be asked for what
/// has just been written to it.
///
/// What it gives is what the file holds: while a commit is under way, and after one has failed, it gives nothing.
/// Threads: any; those that change it one at a time.
class RecentResults {
 public:
  /// What a commit has done.
  struct Changes {
    std::vector<std::shared_ptr<const NewResults>> news;  ///< in the order in which they were kept
    std::vector<BatchStatus> changed;                     ///< batches whose rows were written, results or not
    std::vector<std::string> removed;                     ///< batches
  };

  /// What it holds takes about `max_bytes` at most; what is older goes first.
  explicit RecentResults(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// A commit begins.
  void hide();
  /// It has succeeded.
  void show(const Changes& changes);
  /// It has failed.
  void forget_all();

  /// As JobStore::results; nothing where the file must be asked.
  std::optional<ResultPage> page(const std::string& batch, std::uint32_t after, std::size_t limit) const;

 private:
  struct Batch {
    BatchStatus status;
    std::deque<std::shared_ptr<const NewResults>> pieces;  ///< by rising sequence, without gaps; never empty
  };
  struct Piece {
    std::string batch;
    std::shared_ptr<const NewResults> results;
    std::size_t bytes = 0;
  };

  void drop_oldest();

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  bool hidden_ = false;
  std::unordered_map<std::string, Batch> batches_;
  std::deque<Piece> by_age_;  ///< also of batches that have gone
  std::size_t bytes_ = 0;     ///< of by_age_
};

}  // namespace curlew
