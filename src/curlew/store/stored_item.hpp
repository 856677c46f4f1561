#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/core/item.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/store/batch.hpp"

namespace curlew {

/// Whose transfer limit an item counts against; empty for what needs no transfer.
std::string origin_of(const NewItem& item);

/// Whether any of them came with its request.
bool has_pictures(const std::vector<NewItem>& items);

/// What the pipeline works on.
Claim to_claim(const std::string& batch, std::uint32_t index, const NewItem& item, const BatchOptions& options,
               TimePoint accepted_at);

/// Why a batch gives no further work.
enum class Ending : std::uint8_t { kNone, kCancelled, kExpired };

/// The result of an item that nobody will begin any more. Shape: `ending` is not kNone.
ItemResult ended_result(const std::string& batch, std::uint32_t index, const std::string& text, Ending ending,
                        std::chrono::milliseconds waited);

/// Counts one more result in `status`, which came at `time`.
void count_result(BatchStatus& status, const ItemResult& result, CalendarTime time);

/// What a result takes of memory, about.
std::size_t bytes_of(const ItemResult& result);

/// The phase that follows from the counts.
BatchStatus::Phase phase_of(const BatchStatus& status, Ending ending, bool has_begun);

}  // namespace curlew
