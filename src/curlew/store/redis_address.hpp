#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"

namespace curlew {

/// Which Redis, and as whom.
struct RedisAddress {
  std::string host = "127.0.0.1";  ///< a name or an address; IPv6 without brackets
  std::uint16_t port = 6379;
  int database = 0;
  std::string user;      ///< of an ACL; empty: Redis' default user
  std::string password;  ///< empty: none is sent
  friend bool operator==(const RedisAddress&, const RedisAddress&) = default;
};

/// Reads redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]; user and password may be percent-encoded, and must be where they
/// hold one of `:/?#[]@%`.
///
/// Errors: what is wrong and what to write instead. It never holds the password.
Result<RedisAddress, std::string> parse_redis_address(std::string_view url);

/// HOST:PORT/DB, for messages: without user and password.
std::string to_text(const RedisAddress& address);

}  // namespace curlew
