#pragma once

#include <cstdint>

namespace curlew {

/// What a model does with a picture: it names the whole, or finds things in it.
enum class Task : std::uint8_t { kClassify, kDetect };

}  // namespace curlew
