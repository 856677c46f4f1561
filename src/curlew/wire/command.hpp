#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "curlew/base/calendar.hpp"
#include "curlew/core/frames.hpp"
#include "curlew/core/task.hpp"
#include "curlew/wire/message_id.hpp"

namespace curlew {

/// Says what it was told.
struct EchoCall {
  std::string arguments;  ///< one MessagePack array, checked
};

/// Asks for the labels of a list of URLs.
struct PredictCall {
  std::vector<std::string> urls;  ///< UTF-8; whether each is a URL shows later, as its item's error
  std::optional<Task> task = {};
  std::optional<std::string> model = {};
  std::optional<int> top = {};
  std::optional<float> threshold = {};
  /// The client has subscribed before it asks: its first results need not wait for it. It stands beside the command,
  /// where a service that does not know it reads over it.
  bool subscribed = false;
};

/// What one answer to a ResultsCall holds at most.
inline constexpr std::size_t kMaxResultsLimit = 1000;

/// Asks for the results of a batch after the sequence number `after`, since the publisher may have dropped some.
struct ResultsCall {
  std::string batch;
  std::uint32_t after = 0;
  std::size_t limit = 100;  ///< 1 to kMaxResultsLimit; an answer may have fewer
};

/// Asks for the models that the service has.
struct ModelsCall {};

/// Ends the service, where its config allows that.
struct QuitCall {
  int exit_code = 0;  ///< 0 to 255
};

using Call = std::variant<EchoCall, PredictCall, ResultsCall, ModelsCall, QuitCall>;

/// Why a request is not done, as Python prints an exception: `RuntimeError('no such method nosuch')`.
struct Refusal {
  std::string reason;
};

/// A request, or what is wrong with it. `id` is nothing where the message cannot be decoded at all.
struct CommandRequest {
  std::optional<MessageId> id;
  std::variant<Call, Refusal> what;
};

struct CommandRules {
  std::size_t max_items = 10'000;
  bool allow_quit = false;  ///< otherwise there is no such method
};

/// Reads a request. Any frames give a request or a refusal; nothing throws, and nothing recurses deeper than a
/// MessagePack value may nest (1024).
///
/// Names and values of keyword arguments are checked; a text in the place of a list, bytes in the place of a text, a
/// number that is out of range are refused with what is allowed.
///
/// Cost:   linear in the bytes of the data frame, and no memory but for what it gives back.
/// Source: docs/zeromq.md
CommandRequest read_request(const Frames& frames, const CommandRules& rules);

/// A request as the Python library sends it.
Frames write_request(const Call& call, const MessageId& id, CalendarTime time);

/// A refusal for what a service cannot do now: `RuntimeError('…')` with `message` quoted as Python quotes it.
Refusal runtime_error(std::string_view message);

}  // namespace curlew
