#include "curlew/wire/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "curlew/wire/packed.hpp"
#include "curlew/wire/python_repr.hpp"

namespace curlew {

Result<Message, std::string> open_message(const Frames& frames) {
  if (frames.size() < 3) {
    return tl::make_unexpected(
        python_exception("TooFewPartsError", "Need at least 3 message parts to decode into PubSubDataMessage"));
  }
  Message message{.id = {}, .data = frames[2]};
  if (frames[1].size() != message.id.size()) {
    return tl::make_unexpected(python_exception("ValueError", "bytes is not a 16-char string"));
  }
  std::ranges::transform(frames[1], message.id.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  if (auto fault = packed_fault(message.data)) return tl::make_unexpected(std::move(*fault));
  const PackedValue data = outline(message.data);
  if (data.kind == PackedKind::kList && data.count == 0) {
    return tl::make_unexpected(python_exception("TypeError", "list indices must be integers or slices, not str"));
  }
  if (data.kind != PackedKind::kMap && !is_truthy(data)) {
    return tl::make_unexpected(
        python_exception("TypeError", fmt::format("'{}' object does not support item assignment", python_type(data))));
  }
  return message;
}

Frames make_message(std::string_view topic, const MessageId& id, std::string data) {
  Frames frames;
  frames.reserve(3);
  frames.emplace_back(topic);
  frames.emplace_back(id.begin(), id.end());
  frames.push_back(std::move(data));
  return frames;
}

}  // namespace curlew
