#include "curlew/pipeline/process.hpp"

#include <exception>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/base/sha256.hpp"

namespace curlew {
namespace {

ItemResult result_of(const Item& item, std::variant<Success, Error> outcome, const Timings& timings) {
  return ItemResult{
      .batch = item.batch, .index = item.index, .url = item.text, .outcome = std::move(outcome), .timings = timings};
}

Timings fetch_timings(const Item& item, const FetchOutcome& outcome) {
  Timings timings;
  timings.queue_ms = to_ms(outcome.started_at - item.accepted_at);
  timings.fetch_ms = to_ms(outcome.ended_at - outcome.started_at);
  return timings;
}

Result<Success> decode_and_infer(const Item& item, std::span<const std::byte> bytes, std::string sha256,
                                 Decoder& decoder, Lane& lane, Timings& timings) {
  const TimePoint begin = now();
  auto picture = decoder.decode_into(bytes, lane.input_format(), lane.input());
  if (picture) picture->info.sha256 = sha256.empty() ? sha256_hex(bytes) : std::move(sha256);
  const TimePoint decoded = now();
  timings.decode_ms = to_ms(decoded - begin);
  if (!picture) return tl::make_unexpected(std::move(picture.error()));

  lane.await();
  const TimePoint ready = now();
  timings.queue_ms += to_ms(ready - decoded);
  auto answer = lane.run(picture->placement, {.top = item.top, .threshold = item.threshold});
  timings.infer_ms = to_ms(now() - ready);
  if (!answer) return tl::make_unexpected(std::move(answer.error()));
  return Success{.model = lane.model(), .image = std::move(picture->info), .answer = std::move(*answer)};
}

/// What the observer does comes on top of an answer, and never costs it.
void observe(PictureObserver& observer, const Item& item, const FetchOutcome& outcome, Success& success,
             Decoder& decoder) {
  try {
    observer.named(item, outcome.bytes(), success, decoder);
  } catch (const std::exception& e) {
    log_error("item {} of batch {}: unforeseen exception beside its result: {}", item.index, item.batch, e.what());
  }
}

AnswerCache::Question question_of(const Item& item, std::string sha256, const ModelId& model) {
  return {.picture_sha256 = std::move(sha256),
          .model_sha256 = model.sha256,
          .model = model.name,
          .top = item.top,
          .threshold = item.threshold,
          .thumbnail = item.thumbnail};
}

Result<Success> answered(const Item& item, const FetchOutcome& outcome, Decoder& decoder, Lane& lane,
                         const Beside& beside, Timings& timings) {
  const auto work = [&](std::string sha256) {
    auto success = decode_and_infer(item, outcome.bytes(), std::move(sha256), decoder, lane, timings);
    if (success && beside.observer != nullptr) observe(*beside.observer, item, outcome, *success, decoder);
    return success;
  };
  if (beside.answers == nullptr || !beside.answers->is_on()) return work({});
  const auto question = question_of(item, sha256_hex(outcome.bytes()), lane.model());
  if (auto known = beside.answers->find(question)) return *std::move(known);
  auto success = work(question.picture_sha256);
  // One without the thumbnail that was asked for is not what the next one is to get.
  if (success && success->image.thumbnail.empty() == !item.thumbnail) beside.answers->keep(question, *success);
  return success;
}

/// An exception here is a bug, or memory that ran out: it costs this item and nothing else.
Result<Success> guarded(const Item& item, const FetchOutcome& outcome, Decoder& decoder, Lane& lane,
                        const Beside& beside, Timings& timings) {
  try {
    return answered(item, outcome, decoder, lane, beside, timings);
  } catch (const std::exception& e) {
    log_error("item {} of batch {}: unforeseen exception: {}", item.index, item.batch, e.what());
    return failure(ErrorCode::kInternal, "a fault of Curlew; its log says more");
  }
}

}  // namespace

ItemResult failed_result(const Item& item, Error error, TimePoint at) {
  Timings timings;
  timings.total_ms = to_ms(at - item.accepted_at);
  timings.queue_ms = timings.total_ms;
  return result_of(item, std::move(error), timings);
}

ItemResult failed_fetch(const Item& item, const FetchOutcome& outcome, Error error, TimePoint at) {
  Timings timings = fetch_timings(item, outcome);
  timings.total_ms = to_ms(at - item.accepted_at);
  return result_of(item, std::move(error), timings);
}

ItemResult process(const Item& item, const FetchOutcome& outcome, Decoder& decoder, Lane& lane, const Beside& beside) {
  Timings timings = fetch_timings(item, outcome);
  timings.queue_ms += to_ms(now() - outcome.ended_at);
  auto success = guarded(item, outcome, decoder, lane, beside, timings);
  timings.total_ms = to_ms(now() - item.accepted_at);
  if (!success) return result_of(item, std::move(success.error()), timings);
  return result_of(item, std::move(*success), timings);
}

}  // namespace curlew
