#pragma once

#include <string>
#include <vector>

namespace curlew {

/// A message of several parts, each as it is on the wire.
using Frames = std::vector<std::string>;

}  // namespace curlew
