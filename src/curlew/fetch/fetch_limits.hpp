#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "curlew/base/byte_count.hpp"

namespace curlew {

/// The limits of one fetch; config fills them.
struct FetchLimits {
  ByteCount picture_bytes = 20 * kMiB;
  std::chrono::milliseconds connect{5000};
  std::chrono::milliseconds total{30000};            ///< over all tries and redirects of one item
  std::chrono::milliseconds download_total{600000};  ///< over one download of a model
  ByteCount low_speed_bytes_per_s = 1 * kKiB;        ///< slower than this …
  std::chrono::seconds low_speed_for{10};            ///< … for so long ends as kTimeout
  std::chrono::milliseconds resolve{5000};
  int redirects = 5;
  int tries = 3;
  int connections_per_origin = 6;
};

/// What a fetch shows and trusts; config fills them.
struct FetchOptions {
  FetchLimits limits;
  std::vector<std::string> allow_net;  ///< CIDRs that are let in although they are not public
  std::string user_agent;              ///< names the program and where to complain
  std::string ca_file;                 ///< "": the system's
};

}  // namespace curlew
