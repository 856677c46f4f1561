#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace curlew {

/// `bytes` as a text, with its padding.
///
/// Source: RFC 4648, section 4.
std::string encode_base64(std::span<const std::byte> bytes);

/// The bytes that `text` stands for; nothing where it is not base64. Padding may be left out; white space may not stand
/// in it.
///
/// Source: as above.
std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace curlew
