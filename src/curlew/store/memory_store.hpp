#pragma once

#include <memory>

#include "curlew/store/job_store.hpp"

namespace curlew {

/// Keeps batches as long as the process lives.
///
/// Open and ended ones together have at most twice limits.queue_items items; of those that have ended the oldest go
/// early when more come, and are kExpired then. So they do where results take more than limits.memory.
///
/// Cost: about 1 KiB an item, and what its thumbnail has. Nothing waits for a disk.
std::unique_ptr<JobStore> make_memory_store(const StoreLimits& limits, Calendar calendar = calendar_now_ms);

}  // namespace curlew
