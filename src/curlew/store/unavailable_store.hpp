#pragma once

#include <memory>

#include "curlew/store/job_store.hpp"

namespace curlew {

/// Stands where a store could not be opened, so that what needs none can go on: whatever is asked of it ends as
/// kUnavailable with the message of `why`, which is also its trouble; there is no work, and results are lost.
std::unique_ptr<JobStore> make_unavailable_store(StoreError why);

}  // namespace curlew
