#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/core/task.hpp"
#include "curlew/intake/list_entry.hpp"

namespace curlew {

/// JSON that goes deeper is refused unread; no request needs more than two.
inline constexpr std::size_t kMaxJsonDepth = 64;

/// How many predictions a request may ask for.
inline constexpr int kMaxTop = 1000;

/// What a client asks for: the body of `POST /v1/classify`, `/v1/detect` and `/v1/batches`.
struct ListRequest {
  std::vector<ListEntry> urls;  ///< at least one; whether each is a URL shows later, as its item's error
  std::optional<Task> task;
  std::optional<std::string> model;  ///< not empty, at most 64 bytes; whether there is such a model shows later
  std::optional<int> top;            ///< 1 to kMaxTop
  std::optional<float> threshold;    ///< 0 to 1
  std::optional<bool> thumbnail;     ///< whether each result is to hold a small picture
};

/// Why a body is refused.
struct RequestError {
  enum class Kind : std::uint8_t {
    kMalformed,  ///< it is not JSON, or JSON that programs read differently
    kWrong       ///< it is JSON, and not what may be asked for
  };
  Kind kind = Kind::kMalformed;
  std::string message;  ///< for the client: what is allowed
  std::string pointer;  ///< to the place that is wrong; "": the whole body
};

/// What a body may hold.
struct RequestRules {
  enum class TaskMember : std::uint8_t {
    kRefused,  ///< the route says the task
    kTaken
  };
  TaskMember task = TaskMember::kRefused;
  std::size_t max_items = kMaxListItems;
};

/// Reads `{"urls": [...], "task"?, "model"?, "top"?, "threshold"?, "thumbnail"?}`.
///
/// A number such as 3.0 is an integer. A member that may be left out may not be null.
/// Errors: kMalformed: not JSON, not UTF-8, NaN, a number beyond all doubles, deeper than kMaxJsonDepth, the same
///         member twice. kWrong: anything else, the first in the order of the body; members that are missing come last.
/// Cost:   linear; holds a few copies of the longest text and the URLs, whatever is in `body`, and never recurses.
/// Source: RFC 8259; the pointer is that of RFC 6901.
Result<ListRequest, RequestError> read_list_request(std::string_view body, const RequestRules& rules);

}  // namespace curlew
