#pragma once

#include <cstddef>
#include <vector>

#include "curlew/fetch/easy_options.hpp"
#include "curlew/fetch/fetch_limits.hpp"

namespace curlew {

/// Handles for requests, with all options set that every request has in common. They come back after exchanges that
/// went well, and serve again: making one costs as much as a small answer.
///
/// Threads: one.
class EasyPool {
 public:
  /// `options` outlives it.
  explicit EasyPool(const FetchOptions& options);

  /// Nothing where libcurl has no memory. What is not in common is as the last user left it.
  EasyHandle take();
  /// Shape: `easy` is in no CURLM, and its exchange came to its end.
  void give_back(EasyHandle easy);

 private:
  static constexpr std::size_t kMostKept = 16;

  const FetchOptions& options_;
  Slist headers_;  ///< outlives the handles
  std::vector<EasyHandle> kept_;
};

}  // namespace curlew
