#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace curlew {

/// The bytes that `text` stands for; nothing where it is not base64. Padding may be left out; white space may not stand
/// in it.
///
/// Source: RFC 4648, section 4.
std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace curlew
