#include "curlew/store/store_messages.hpp"

#include <fmt/format.h>

namespace curlew {

using Code = StoreError::Code;

StoreError no_such_batch() { return {.code = Code::kNotFound, .message = "there is no batch with this id"}; }

StoreError batch_expired() {
  return {.code = Code::kExpired, .message = "the batch has expired; its results are no longer kept"};
}

StoreError queue_full(std::size_t queue_items) {
  return {.code = Code::kFull,
          .message = fmt::format("at most {} items may wait (limits.queue_items); try again later", queue_items)};
}

StoreError key_reused() {
  return {.code = Code::kKeyReused,
          .message = "the idempotency key belongs to a request that asked for something else; take a new key"};
}

StoreError key_in_flight() {
  return {.code = Code::kKeyInFlight,
          .message = "a request with this idempotency key is still being taken in; try again in a moment"};
}

StoreError no_pictures() {
  return {.code = Code::kNoPictures,
          .message = "this store keeps addresses only, no pictures that come with a request"};
}

}  // namespace curlew
