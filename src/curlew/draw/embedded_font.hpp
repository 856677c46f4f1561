#pragma once

#include <cstddef>
#include <span>

namespace curlew {

/// DejaVu Sans, as the build took it up: text looks the same on every machine, also on one without fonts.
std::span<const std::byte> embedded_font();

}  // namespace curlew
