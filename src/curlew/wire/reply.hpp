#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "curlew/base/calendar.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/frames.hpp"
#include "curlew/wire/command.hpp"
#include "curlew/wire/message_id.hpp"
#include "curlew/wire/result_message.hpp"

namespace curlew {

struct EchoAnswer {
  std::string arguments;  ///< of EchoCall
};

/// The list was accepted.
struct PredictAnswer {
  std::size_t images = 0;
  std::string batch;  ///< "" of a service that has none
};

/// Some results of a batch, from one place on.
struct ResultsAnswer {
  std::vector<ResultMessage> results;  ///< by rising sequence, without gaps
  std::optional<std::uint32_t> next;   ///< `after` of the next call; nothing at the end of what there is
  std::string status;                  ///< queued, running, done, cancelled
  std::uint32_t total = 0;
  std::uint32_t done = 0;
};

/// What HTTP says in JSON: the models.
struct JsonAnswer {
  std::string json;
};

/// Of a command that returns nothing.
struct NoAnswer {};

/// What a command gives back. (`Answer` is what a network says of a picture.)
using CommandAnswer = std::variant<EchoAnswer, PredictAnswer, ResultsAnswer, JsonAnswer, NoAnswer, Refusal>;

/// The reply to a request, with a new id. `request` is nothing where it could not be decoded.
Frames write_reply(const std::optional<MessageId>& request, const CommandAnswer& answer, CalendarTime time);

/// Why a reply does not help.
struct ReplyError {
  enum class Kind : std::uint8_t {
    kRefused,    ///< the service says no; `message` is its reason
    kUnreadable  ///< it is no reply to this request
  };
  Kind kind = Kind::kUnreadable;
  std::string message;
};

/// The reply to the PredictCall, or ResultsCall, that was sent as `request`; nothing that is in it is believed
/// unchecked.
Result<PredictAnswer, ReplyError> read_predict_reply(const Frames& frames, const MessageId& request);
Result<ResultsAnswer, ReplyError> read_results_reply(const Frames& frames, const MessageId& request);

}  // namespace curlew
