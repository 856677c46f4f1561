#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"

namespace curlew {

/// A place where a socket listens: `tcp://ADDRESS:PORT` (`*`: every address; port `*`: a free one) or `ipc://PATH`.
struct Endpoint {
  std::string text;      ///< as ZeroMQ takes it
  std::string ipc_path;  ///< "" where it is tcp; one that begins with `@` names no file
};

/// Why an endpoint cannot be used; for the user, who wrote it.
struct EndpointError {
  std::string message;
};

/// Reads what a config says.
///
/// Errors: neither tcp nor ipc; no port, or one beyond 65535; no path, or one longer than the system takes (107 bytes).
Result<Endpoint, EndpointError> read_endpoint(std::string_view text);

/// Where a client of this machine reaches a service that listens there: `*` and `0.0.0.0` become 127.0.0.1.
std::string connect_address(const Endpoint& endpoint);

/// Whether a living process listens at the path: binding there would take it away silently.
///
/// Cost: one connection attempt, which does not wait.
bool is_ipc_in_use(const std::string& path);

}  // namespace curlew
