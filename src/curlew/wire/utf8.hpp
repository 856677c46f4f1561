#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace curlew {

/// How many bytes `text` begins with that are whole characters of UTF-8: nothing overlong, no surrogates, nothing
/// beyond U+10FFFF.
std::size_t utf8_bytes(std::string_view text);

inline bool is_utf8(std::string_view text) { return utf8_bytes(text) == text.size(); }

/// `text` with U+FFFD in the place of each byte that belongs to no character.
std::string as_utf8(std::string_view text);

}  // namespace curlew
