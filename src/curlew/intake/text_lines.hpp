#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"
#include "curlew/intake/list_entry.hpp"

namespace curlew {

/// The text behind its UTF-8 BOM, if it has one.
///
/// Errors: a BOM of UTF-16.
Result<std::string_view, ListError> without_bom(std::string_view text);

/// How many bytes of a line end stand at `position`: 2 for CRLF, 1 for LF and CR, else 0.
std::size_t line_end_at(std::string_view text, std::size_t position);

/// `text` without the spaces and tabs around it.
std::string_view stripped(std::string_view text);

/// Whether `a` and `b`, which is lower case, are the same but for the case of ASCII letters.
bool same_in_any_case(std::string_view a, std::string_view b);

/// The error of a list that is too long.
ListError too_long(std::size_t max_items);

}  // namespace curlew
