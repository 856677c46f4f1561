#pragma once

#include <curl/curl.h>

#include <cstdint>

#include "curlew/base/error.hpp"

namespace curlew {

/// How far a transfer had come when it failed.
enum class Progress : std::uint8_t {
  kBeforeHead,  ///< the answer's head was not complete
  kInBody
};

/// What libcurl's failure means for the item. `code` is not CURLE_OK.
Error error_of_curl(CURLcode code, Progress progress);

}  // namespace curlew
