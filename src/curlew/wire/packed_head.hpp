#pragma once

#include <cstdint>
#include <string_view>

#include "curlew/wire/packed.hpp"

namespace curlew {

enum class PackedFault : std::uint8_t { kNone, kIncomplete, kNeverUsed };

/// Takes a value off `rest`; of a list or map, its beginning.
///
/// Source: the MessagePack specification
PackedFault take_value(std::string_view& rest, PackedValue& value);

}  // namespace curlew
