#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "curlew/core/item_result.hpp"
#include "curlew/publish/paint.hpp"

namespace curlew {

/// What a run did, and where its time went.
struct RunSummary {
  static constexpr std::size_t kCodes = static_cast<std::size_t>(ErrorCode::kInternal) + 1;

  std::size_t total = 0;  ///< items of the list
  std::size_t ok = 0;
  std::array<std::size_t, kCodes> by_code = {};  ///< items with an error, by ErrorCode; a cancelled one is not done
  Timings sums = {};                             ///< over all items with a result; steps overlap, so more than total_ms
  double total_ms = 0;                           ///< running time, with the model's and the pictures' download
  double model_ms = 0;  ///< until the model was ready, its download included; 0 where there was none to wait for
  double model_download_ms = 0;  ///< 0 where nothing was downloaded

  /// Counts one result in; total, total_ms and the model's times are the caller's.
  void add(const ItemResult& result);

  /// Items with an error other than kCancelled.
  std::size_t failed() const;
  /// Items of the list that are cancelled or never got a result.
  std::size_t not_done() const;
};

/// The summary for a person: two or three lines, each with its line end. Times of which nothing is known are left out.
std::string summary_text(const RunSummary& summary, Colour colour);

}  // namespace curlew
