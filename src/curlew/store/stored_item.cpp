#include "curlew/store/stored_item.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "curlew/base/error.hpp"
#include "curlew/core/url.hpp"

namespace curlew {
namespace {

Source source_of(const NewItem& item) {
  if (item.picture) return Upload{.bytes = item.picture};
  if (!item.problem.empty()) return make_error(ErrorCode::kUrlInvalid, item.problem);
  auto url = parse_url(item.text);
  if (!url) return std::move(url).error();
  return *std::move(url);
}

}  // namespace

std::string origin_of(const NewItem& item) {
  if (item.picture || !item.problem.empty()) return {};
  const auto url = parse_url(item.text);
  return url ? url->origin() : std::string();
}

bool has_pictures(const std::vector<NewItem>& items) {
  return std::ranges::any_of(items, [](const NewItem& item) { return item.picture != nullptr; });
}

Claim to_claim(const std::string& batch, std::uint32_t index, const NewItem& item, const BatchOptions& options,
               TimePoint accepted_at) {
  return Claim{.item = Item{.batch = batch,
                            .index = index,
                            .text = item.text,
                            .source = source_of(item),
                            .model = options.model,
                            .top = options.top,
                            .threshold = options.threshold,
                            .thumbnail = options.thumbnail,
                            .accepted_at = accepted_at},
               .task = options.task};
}

ItemResult ended_result(const std::string& batch, std::uint32_t index, const std::string& text, Ending ending,
                        std::chrono::milliseconds waited) {
  const auto waited_ms = static_cast<double>(waited.count());
  Error error = ending == Ending::kCancelled
                    ? make_error(ErrorCode::kCancelled, "the batch was cancelled before this item began")
                    : make_error(ErrorCode::kExpired, "the batch expired before this item began; send it again");
  return ItemResult{.batch = batch,
                    .index = index,
                    .url = text,
                    .outcome = std::move(error),
                    .timings = Timings{.queue_ms = waited_ms, .total_ms = waited_ms}};
}

void count_result(BatchStatus& status, const ItemResult& result, CalendarTime time) {
  ++status.done;
  if (const auto* error = std::get_if<Error>(&result.outcome)) {
    ++(error->code == ErrorCode::kCancelled ? status.cancelled : status.failed);
  }
  if (status.ended()) status.ended_at = time;
}

std::size_t bytes_of(const ItemResult& result) {
  std::size_t bytes = sizeof(KeptResult) + result.batch.size() + result.url.size();
  if (const auto* error = std::get_if<Error>(&result.outcome)) return bytes + error->message.size();
  const auto& success = std::get<Success>(result.outcome);
  bytes += success.model.name.size() + success.model.sha256.size() + success.image.sha256.size() +
           success.image.thumbnail.size();
  for (const Prediction& prediction : success.answer.predictions) bytes += sizeof(Prediction) + prediction.label.size();
  return bytes;
}

BatchStatus::Phase phase_of(const BatchStatus& status, Ending ending, bool has_begun) {
  if (ending == Ending::kCancelled) return BatchStatus::Phase::kCancelled;
  if (status.ended()) return BatchStatus::Phase::kDone;
  return has_begun || status.done > 0 ? BatchStatus::Phase::kRunning : BatchStatus::Phase::kQueued;
}

}  // namespace curlew
