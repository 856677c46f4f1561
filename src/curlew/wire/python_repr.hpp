#pragma once

#include <string>
#include <string_view>

#include "curlew/wire/packed.hpp"

namespace curlew {

/// A text as Python's repr() shows it: in single quotes, or in double ones where only those do without a backslash;
/// what is not printable escaped.
///
/// Shape:  what is not UTF-8 becomes U+FFFD; of a text of more than some hundred bytes the rest is left out (…).
std::string python_repr(std::string_view text);

/// An exception with one text, as repr() shows it: `ValueError('boom')`.
std::string python_exception(std::string_view type, std::string_view message);

/// "NoneType", "bool", "int", "float", "str", "bytes", "list", "dict", "Timestamp", "ExtType".
std::string_view python_type(const PackedValue& value);

}  // namespace curlew
