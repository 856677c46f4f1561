#pragma once

#include <utility>
#include <vector>

#include "curlew/store/batch.hpp"

namespace curlew {

/// Gathers results as they are kept, for those who listen: neighbours of one batch become one piece of news.
class News {
 public:
  /// `status` is the batch's with `result` counted.
  void add(const BatchStatus& status, KeptResult result) {
    if (pieces_.empty() || pieces_.back().status.id != status.id) pieces_.emplace_back();
    pieces_.back().status = status;
    pieces_.back().results.push_back(std::move(result));
  }

  std::vector<NewResults> take() { return std::exchange(pieces_, {}); }

 private:
  std::vector<NewResults> pieces_;
};

}  // namespace curlew
