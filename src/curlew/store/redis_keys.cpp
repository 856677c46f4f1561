#include "curlew/store/redis_keys.hpp"

#include <span>

#include "curlew/base/sha256.hpp"

namespace curlew {

std::string RedisKeys::hash_of(std::string_view idempotency_key) {
  return sha256_hex(std::as_bytes(std::span(idempotency_key)));
}

}  // namespace curlew
