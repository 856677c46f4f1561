#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace curlew {

/// What tells one message from another, in the order of RFC 4122.
using MessageId = std::array<std::uint8_t, 16>;

/// A new one of version 4, which nobody can guess.
MessageId new_message_id();

/// As replies name the request that they answer: URL-safe base64 with its padding, 24 characters.
std::string to_base64(const MessageId& id);

}  // namespace curlew
