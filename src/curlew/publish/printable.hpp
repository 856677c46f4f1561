#pragma once

#include <string>
#include <string_view>

namespace curlew {

/// `text` as it may be shown on a terminal, on one line: control characters (C0, DEL, C1) and those that turn the
/// direction of writing become \n, \t, \x1b, \u202e…, and what is not UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);

}  // namespace curlew
