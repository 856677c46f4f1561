#pragma once

#include <cstddef>

#include "curlew/store/store_error.hpp"

namespace curlew {

/// The errors that every store answers with, in the same words.
StoreError no_such_batch();
StoreError batch_expired();
StoreError queue_full(std::size_t queue_items);
StoreError key_reused();
StoreError key_in_flight();
StoreError no_pictures();

}  // namespace curlew
