#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "curlew/base/result.hpp"
#include "curlew/core/url.hpp"

namespace curlew {

/// Whether who answers over HTTPS must prove its name.
enum class Certificate : bool { kAny, kChecked };

struct ProbeRequest {
  Url url;
  std::chrono::milliseconds time{};  ///< for all of it
  Certificate certificate = Certificate::kChecked;
};

struct ProbeAnswer {
  int status = 0;
  std::string body;  ///< its first kMaxProbeBody bytes
};

inline constexpr std::size_t kMaxProbeBody = 1024;

/// Asks a URL once, redirects not followed. The guard of addresses does not stand before it: the URL is that of who
/// runs the program, never a client's.
///
/// Errors: kConnectFailed, kTimeout, kDnsFailed, kTlsFailed, kInternal. Threads: any; blocks.
Result<ProbeAnswer> probe(const ProbeRequest& request);

}  // namespace curlew
