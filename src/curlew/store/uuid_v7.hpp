#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "curlew/base/calendar.hpp"

namespace curlew {

/// The random part of a UUID; six of its 80 bits give way to version and variant.
using UuidRandom = std::array<std::uint8_t, 10>;

/// The UUID of version 7 for a moment, as 36 characters in lower case. Those of later milliseconds sort behind it.
///
/// Source: RFC 9562, section 5.7.
std::string to_uuid_v7(CalendarTime time, const UuidRandom& random);

/// A new one, which nobody can guess.
std::string new_uuid_v7(CalendarTime time);

/// Whether `text` may be one that new_uuid_v7 made.
bool is_uuid_v7(std::string_view text);

}  // namespace curlew
