#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace curlew {

struct Utf8Character {
  char32_t code = 0;
  std::size_t bytes = 0;  ///< that it takes; 0: there is none
};

/// The character that `text` begins with. Overlong forms, surrogates and what lies beyond U+10FFFF are none; neither is
/// there one in an empty text.
///
/// Source: Unicode, table 3-7.
Utf8Character first_character(std::string_view text);

/// How many bytes `text` begins with that are whole characters of UTF-8.
std::size_t utf8_bytes(std::string_view text);

inline bool is_utf8(std::string_view text) { return utf8_bytes(text) == text.size(); }

/// `text` with U+FFFD in the place of each byte that belongs to no character.
std::string as_utf8(std::string_view text);

}  // namespace curlew
