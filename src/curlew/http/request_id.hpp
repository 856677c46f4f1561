#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace curlew {

/// Whether an `X-Request-Id` is taken as it is: 1 to 64 of A-Z, a-z, 0-9, dot, underscore, hyphen.
bool is_request_id(std::string_view text);

/// Makes ids of requests: unlike those of other processes, and counted.
///
/// Threads: one at a time.
class RequestIds {
 public:
  RequestIds();
  std::string next();

 private:
  std::string prefix_;
  std::uint64_t count_ = 0;
};

}  // namespace curlew
