#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"

namespace curlew {

/// Where a server listens.
struct ListenAddress {
  std::string host;  ///< an address; without brackets
  std::uint16_t port = 0;
};

/// Reads "127.0.0.1:8000", "[::1]:8000", "localhost:8000", "*:8000" (every IPv4 address).
///
/// Errors: a sentence about what is wrong.
Result<ListenAddress, std::string> parse_listen_address(std::string_view text);

/// What to tell whoever could not listen on `text`, by the errno of bind(2).
std::string bind_failure(std::string_view text, int error);

}  // namespace curlew
