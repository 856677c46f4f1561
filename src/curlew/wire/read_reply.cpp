#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "curlew/wire/message.hpp"
#include "curlew/wire/packed.hpp"
#include "curlew/wire/reply.hpp"
#include "curlew/wire/result_map.hpp"

namespace curlew {
namespace {

constexpr auto kMaxCount = std::int64_t{std::numeric_limits<std::uint32_t>::max()};

tl::unexpected<ReplyError> refused(std::string_view why) {
  return tl::make_unexpected(ReplyError{.kind = ReplyError::Kind::kRefused, .message = std::string(why)});
}

tl::unexpected<ReplyError> unreadable(std::string_view why) {
  return tl::make_unexpected(ReplyError{.kind = ReplyError::Kind::kUnreadable, .message = std::string(why)});
}

/// The response to `request`, as its bytes.
Result<std::string_view, ReplyError> response_in(const Frames& frames, const MessageId& request) {
  const auto message = open_message(frames);
  if (!message) return unreadable(message.error());
  constexpr std::array<std::string_view, 5> kNames{"cmd_msgid", "exception", "failed", "reason", "response"};
  const auto [id, exception, failed, reason, response] = members_of(message->data, kNames);
  if (text_in(id) != to_base64(request)) return unreadable("the reply is not to this request");
  if (is_truthy(outline(exception)) || is_truthy(outline(failed))) {
    const std::string_view why = text_in(reason).value_or("");
    return refused(why.empty() ? "the service gives no reason" : why);
  }
  if (exception.empty()) return unreadable("the reply does not say whether it was done");
  if (outline(response).kind != PackedKind::kMap) return unreadable("the reply has no response that is a map");
  return response;
}

bool read_count(std::string_view packed, std::uint32_t& count) {
  const auto integer = integer_in(packed, 0, kMaxCount);
  count = static_cast<std::uint32_t>(integer.value_or(0));
  return integer.has_value();
}

}  // namespace

Result<PredictAnswer, ReplyError> read_predict_reply(const Frames& frames, const MessageId& request) {
  const auto response = response_in(frames, request);
  if (!response) return tl::make_unexpected(response.error());
  constexpr std::array<std::string_view, 4> kNames{"status", "num_images", "batch_id", "error"};
  const auto [status, images, batch, error] = members_of(*response, kNames);
  if (text_in(status) == "error") return refused(text_in(error).value_or("the service gives no reason"));
  std::uint32_t count = 0;
  if (!read_count(images, count)) return unreadable("the reply does not say how many images were taken");
  return PredictAnswer{.images = count, .batch = std::string(text_in(batch).value_or(""))};
}

Result<ResultsAnswer, ReplyError> read_results_reply(const Frames& frames, const MessageId& request) {
  const auto response = response_in(frames, request);
  if (!response) return tl::make_unexpected(response.error());
  constexpr std::array<std::string_view, 5> kNames{"results", "next", "status", "total", "done"};
  const auto [results, next, status, total, done] = members_of(*response, kNames);
  PackedReader reader(results);
  const PackedValue list = reader.next();
  if (list.kind != PackedKind::kList || list.count > kMaxResultsLimit) {
    return unreadable("the reply has no list of results, or a longer one than was asked for");
  }
  ResultsAnswer answer;
  answer.status = text_in(status).value_or("");
  const bool has_counts = read_count(total, answer.total) && read_count(done, answer.done);
  if (answer.status.empty() || !has_counts) return unreadable("the reply does not say how far the batch is");
  if (outline(next).kind != PackedKind::kNil && !read_count(next, answer.next.emplace())) {
    return unreadable("the reply does not say what comes next");
  }
  for (std::uint32_t i = 0; i < list.count; ++i) {
    auto message = unpack_result(reader.next_whole());
    if (!message) return unreadable(message.error().message);
    const bool is_rising = answer.results.empty() || message->sequence > answer.results.back().sequence;
    if (!is_rising) return unreadable("the results are not in their order");
    answer.results.push_back(std::move(*message));
  }
  return answer;
}

}  // namespace curlew
