#include "curlew/store/redis_batches.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "curlew/store/redis_lanes.hpp"
#include "curlew/store/result_codec.hpp"
#include "curlew/store/store_messages.hpp"
#include "curlew/store/uuid_v7.hpp"

namespace curlew {
namespace {

/// How long a piece of a batch waits for the next one before it is forgotten.
constexpr auto kStagedMs = "60000";

/// So many pieces of a batch are on their way at once.
constexpr std::size_t kPiecesAtOnce = 8;

/// So many batches are looked at in one step of expire(): removing takes some 10 µs a batch.
constexpr std::size_t kExpiryBatches = 100;

/// So many are asked for at once.
constexpr std::size_t kStatusesAtOnce = 500;

void add_items(std::vector<std::string>& words, const NewBatch& batch, const LanePlan& plan, std::size_t first,
               std::size_t end) {
  for (std::size_t i = first; i < end; ++i) {
    words.push_back(std::to_string(plan.lane_of[i]));
    words.push_back(batch.items[i].text);
    words.push_back(batch.items[i].problem);
    words.push_back(plan.origin_of[i]);
    words.emplace_back(batch.items[i].picture ? "1" : "");
  }
}

}  // namespace

RedisBatches::RedisBatches(RedisPool& pool, RedisKeys keys, StoreLimits limits, Calendar calendar)
    : pool_(pool),
      keys_(std::move(keys)),
      limits_(limits),
      calendar_(std::move(calendar)),
      pictures_(pool, keys_, limits_.keep) {}

RedisCommand RedisBatches::script(RedisScript script, std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), keys_.prefix());
  return {.script = script, .words = std::move(arguments)};
}

RedisReply RedisBatches::run(const RedisCommand& command) {
  return pool_.call([&](RedisConnection& redis) { return redis.run(command); });
}

std::vector<RedisReply> RedisBatches::run_all(const std::vector<RedisCommand>& commands) {
  return pool_.call([&](RedisConnection& redis) {
    auto replies = redis.run_all(commands);
    for (const RedisReply& reply : replies) redis.check(reply);
    return replies;
  });
}

StoreError RedisBatches::missing(const RedisReply& gone_until) const {
  return !gone_until.is_nil() && to_time(gone_until.number()) > calendar_() ? batch_expired() : no_such_batch();
}

// ---- a batch comes ----

/// Looked at first so that a long list does not travel in vain; the last word has the script.
std::optional<StoreResult<Created>> RedisBatches::answer_to_long(const NewBatch& batch) {
  if (batch.items.size() <= kPieceItems) return std::nullopt;
  const IdempotencyKey request = batch.idempotency.value_or(IdempotencyKey{});
  const std::string hash = request.key.empty() ? "" : RedisKeys::hash_of(request.key);
  const auto replies = run_all({{.words = {"GET", keys_.request(hash)}}, {.words = {"HGET", keys_.counts(), "items"}}});
  const RedisReply& id = replies[0];
  if (id.is_nil()) {
    const auto open = static_cast<std::size_t>(std::max<std::int64_t>(0, replies[1].number_or(0)));
    if (open + batch.items.size() <= limits_.queue_items) return std::nullopt;
    return tl::make_unexpected(queue_full(limits_.queue_items));
  }
  const RedisReply print = run({.words = {"HGET", keys_.batch(id.string()), "fingerprint"}});
  if (print.is_nil()) return std::nullopt;
  if (print.string() != request.fingerprint) return tl::make_unexpected(key_reused());
  return status(id.string()).map([](BatchStatus known) {
    return Created{.status = std::move(known), .is_new = false};
  });
}

StoreResult<Created> RedisBatches::create(const NewBatch& batch) {
  if (auto known = answer_to_long(batch)) return *std::move(known);
  const CalendarTime time = calendar_();
  const std::string id = new_uuid_v7(time);
  RedisPictures::Kept pictures = pictures_.put(id, batch.items);
  const LanePlan plan = plan_lanes(batch.items);
  std::vector<RedisCommand> pieces;
  std::size_t first = 0;
  for (; batch.items.size() - first > kPieceItems; first += kPieceItems) {
    pieces.push_back(script(RedisScript::kStage, {id, std::to_string(first), kStagedMs}));
    add_items(pieces.back().words, batch, plan, first, first + kPieceItems);
    if (pieces.size() < kPiecesAtOnce && batch.items.size() - first > 2 * kPieceItems) continue;
    run_all(pieces);
    pieces.clear();
  }
  const auto& request = batch.idempotency;
  RedisCommand create =
      script(RedisScript::kCreate,
             {id, request ? RedisKeys::hash_of(request->key) : "", request ? request->fingerprint : "",
              std::to_string(limits_.queue_items), std::to_string(batch.items.size()), std::to_string(plan.lanes()),
              plan.has_shared ? std::to_string(plan.origins.size()) : "-1", encode_options(batch.options),
              to_text(time), to_text(time + limits_.keep), std::to_string(first), std::to_string(plan.origins.size())});
  create.words.insert(create.words.end(), plan.origins.begin(), plan.origins.end());
  add_items(create.words, batch, plan, first, batch.items.size());
  const RedisReply reply = run(create);
  const std::string& outcome = reply.at(0).string();
  if (outcome == "full") return tl::make_unexpected(queue_full(limits_.queue_items));
  const bool is_new = outcome == "new";
  if (is_new) pictures.stay();
  if (!is_new && request && reply.at(2).string_or_empty() != request->fingerprint)
    return tl::make_unexpected(key_reused());
  auto kept = read_batch(reply.at(1).string(), reply.at(3));
  if (!kept) return tl::make_unexpected(no_such_batch());
  return Created{.status = std::move(kept->status), .is_new = is_new};
}

// ---- a batch is read ----

StoreResult<BatchStatus> RedisBatches::status(const std::string& id) {
  return results(id, 0, 0).map([](ResultPage page) { return std::move(page.status); });
}

StoreResult<ResultPage> RedisBatches::results(const std::string& id, std::uint32_t after, std::size_t limit) {
  if (!is_uuid_v7(id)) return tl::make_unexpected(no_such_batch());
  const RedisReply all = run(script(RedisScript::kRead, {id, std::to_string(after), std::to_string(limit)}));
  auto batch = read_batch(id, all.at(0));
  if (!batch) return tl::make_unexpected(missing(all.at(1)));
  return ResultPage{.results = read_events(id, all.at(2)), .status = std::move(batch->status)};
}

std::vector<std::optional<BatchStatus>> RedisBatches::statuses(const std::vector<std::string>& ids) {
  std::vector<std::optional<BatchStatus>> found;
  for (std::size_t first = 0; first < ids.size(); first += kStatusesAtOnce) {
    const std::size_t end = std::min(ids.size(), first + kStatusesAtOnce);
    std::vector<RedisCommand> commands;
    for (std::size_t i = first; i < end; ++i) {
      commands.push_back({.words = {"HMGET", keys_.batch(ids[i])}});
      commands.back().words.insert(commands.back().words.end(), status_fields().begin(), status_fields().end());
    }
    const auto replies = run_all(commands);
    for (std::size_t i = first; i < end; ++i) {
      auto batch = read_batch(ids[i], replies[i - first]);
      found.push_back(batch ? std::optional(std::move(batch->status)) : std::nullopt);
    }
  }
  return found;
}

std::vector<std::string> RedisBatches::open() {
  const RedisReply ids = run({.words = {"SMEMBERS", keys_.open()}});
  std::vector<std::string> open;
  for (const RedisReply& id : ids.elements()) open.push_back(id.string());
  return open;
}

StoreCounts RedisBatches::counts() {
  const auto replies = run_all({{.words = {"SCARD", keys_.open()}}, {.words = {"HGET", keys_.counts(), "waiting"}}});
  return StoreCounts{.open_batches = static_cast<std::size_t>(replies[0].number()),
                     .waiting_items = static_cast<std::size_t>(std::max<std::int64_t>(0, replies[1].number_or(0))),
                     .claimed_items = 0,
                     .unwritten_results = 0};
}

// ---- a batch ends ----

StoreResult<BatchStatus> RedisBatches::cancel(const std::string& id) {
  if (!is_uuid_v7(id)) return tl::make_unexpected(no_such_batch());
  const RedisReply reply = run(script(RedisScript::kCancel, {id}));
  const std::string& outcome = reply.at(0).string();
  if (outcome == "none") return tl::make_unexpected(no_such_batch());
  if (outcome == "gone") return tl::make_unexpected(missing(reply.at(1)));
  auto batch = read_batch(id, reply.at(1));
  if (!batch) return tl::make_unexpected(no_such_batch());
  return std::move(batch->status);
}

RedisBatches::Ended RedisBatches::end_waiting(const std::string& id, const std::string& process) {
  RedisCommand read{.words = {"HMGET", keys_.batch(id)}};
  read.words.insert(read.words.end(), status_fields().begin(), status_fields().end());
  const auto before = read_batch(id, run(read));
  const Ending ending = before ? before->ending : Ending::kExpired;
  const auto waited = before ? std::max(calendar_() - before->status.created_at, std::chrono::milliseconds(0))
                             : std::chrono::milliseconds(0);
  if (ending == Ending::kNone) return {};
  ItemResult result = ended_result(id, 0, {}, ending, waited);
  const RedisReply reply =
      run(script(RedisScript::kEnd, {id, process, to_text(calendar_()), std::to_string(kEndedItems), kind_of(result),
                                     encode_outcome(result)}));
  Ended ended{.waiting = static_cast<std::size_t>(std::max<std::int64_t>(0, reply.at(0).number())), .news = {}};
  if (reply.at(1).elements().empty()) return ended;
  auto after = read_batch(id, reply.at(1));
  if (!after) return ended;
  ended.news.status = std::move(after->status);
  const auto& items = reply.at(2).elements();
  for (std::size_t i = 0; i + 2 < items.size(); i += 3) {
    result.index = static_cast<std::uint32_t>(items[i + 1].number());
    result.url = items[i + 2].string();
    ended.news.results.push_back({.sequence = static_cast<std::uint32_t>(items[i].number()), .result = result});
  }
  return ended;
}

std::vector<std::string> RedisBatches::ending() {
  const RedisReply ids = run({.words = {"SRANDMEMBER", keys_.ending(), std::to_string(kExpiryBatches)}});
  std::vector<std::string> ending;
  for (const RedisReply& id : ids.elements()) ending.push_back(id.string());
  return ending;
}

RedisBatches::Expired RedisBatches::expire() {
  const auto last_look = std::chrono::duration_cast<std::chrono::milliseconds>(kLastLook);
  const RedisReply reply = run(
      script(RedisScript::kExpire, {to_text(calendar_()), std::to_string(last_look.count()),
                                    std::to_string(limits_.keep_tombstone.count()), std::to_string(kExpiryBatches)}));
  Expired expired{
      .gone = static_cast<std::size_t>(reply.at(0).number()), .ending = {}, .may_have_more = reply.at(2).number() != 0};
  for (const RedisReply& id : reply.at(1).elements()) expired.ending.push_back(id.string());
  return expired;
}

}  // namespace curlew
