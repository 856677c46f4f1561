#pragma once

#include <string>
#include <string_view>

#include "curlew/base/result.hpp"
#include "curlew/core/frames.hpp"
#include "curlew/wire/message_id.hpp"

namespace curlew {

/// What is in the frames of a message.
struct Message {
  MessageId id{};
  std::string_view data;  ///< in the frames; checked MessagePack that is true, or `{}`
};

/// Takes a message apart, as the Python library does: a topic, an id, data, and frames that nobody reads.
///
/// Errors: why it cannot be decoded, as Python prints an exception.
Result<Message, std::string> open_message(const Frames& frames);

Frames make_message(std::string_view topic, const MessageId& id, std::string data);

}  // namespace curlew
