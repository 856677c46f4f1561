#include "curlew/store/redis_work.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/store/redis_rows.hpp"
#include "curlew/store/stored_item.hpp"

namespace curlew {
namespace {

/// So many items are given back or renewed in one step, during which Redis serves nobody else (about 2 ms).
constexpr std::size_t kPieceItems = 200;

/// In one sweep; a further one comes soon.
constexpr auto kSweptBatches = "200";

/// What the script says of each item.
constexpr std::size_t kItemValues = 5;

struct KnownBatch {
  BatchOptions options;
  TimePoint accepted_at;
};

RedisFailure damaged() {
  return {.kind = RedisFailure::Kind::kFault, .what = "a batch in Redis is damaged, or of a newer Curlew"};
}

/// Results are kept by now, so what cannot be read of their batch is left out, and no failure.
std::optional<BatchStatus> status_in(const std::string& id, const RedisReply& values) {
  try {
    auto batch = read_batch(id, values);
    return batch ? std::optional(std::move(batch->status)) : std::nullopt;
  } catch (const RedisFailure& failure) {
    log_warning("store: nobody is told of results of the batch {}: {}", id, failure.what);
    return std::nullopt;
  }
}

}  // namespace

RedisWork::RedisWork(RedisPool& pool, const RedisKeys& keys, std::string process, std::chrono::milliseconds lease,
                     Calendar calendar)
    : pool_(pool),
      keys_(keys),
      process_(std::move(process)),
      lease_(lease),
      calendar_(std::move(calendar)),
      pictures_(pool, keys, {}) {}

RedisCommand RedisWork::script(RedisScript script, std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), keys_.prefix());
  return {.script = script, .words = std::move(arguments)};
}

RedisWork::Claimed RedisWork::claim(std::size_t max_items, const std::map<std::string, std::size_t>& rooms) {
  RedisCommand command =
      script(RedisScript::kClaim, {process_, std::to_string(max_items), std::to_string(lease_.count())});
  for (const auto& [origin, room] : rooms) {
    command.words.push_back(origin);
    command.words.push_back(std::to_string(room));
  }
  const RedisReply reply = pool_.call([&](RedisConnection& redis) { return redis.run(command); });
  std::unordered_map<std::string, KnownBatch> batches;
  const auto& about = reply.at(1).elements();
  for (std::size_t i = 0; i + 2 < about.size(); i += 3) {
    auto options = decode_options(about[i + 1].string());
    if (!options) throw damaged();
    const auto age = std::max(calendar_() - to_time(about[i + 2].number()), std::chrono::milliseconds(0));
    batches.emplace(about[i].string(), KnownBatch{.options = *std::move(options), .accepted_at = now() - age});
  }
  Claimed claimed{.claims = {}, .nothing_waits = reply.at(2).number() == 0};
  const auto& items = reply.at(0).elements();
  for (std::size_t i = 0; i + kItemValues <= items.size(); i += kItemValues) {
    const auto batch = batches.find(items[i].string());
    if (batch == batches.end()) throw damaged();
    claimed.claims.push_back(to_claim(items[i].string(), static_cast<std::uint32_t>(items[i + 1].number()),
                                      item_of(items, i), batch->second.options, batch->second.accepted_at));
  }
  return claimed;
}

/// The values are batch, index, text, problem, and whether the item brings a picture.
NewItem RedisWork::item_of(const std::vector<RedisReply>& values, std::size_t at) {
  NewItem item{.text = values[at + 2].string(), .problem = values[at + 3].string()};
  if (values[at + 4].string().empty()) return item;
  item.picture = pictures_.get(values[at].string(), static_cast<std::size_t>(values[at + 1].number()));
  if (!item.picture) item.problem = "the picture that came with it is gone; send it again";
  return item;
}

RedisWork::Kept RedisWork::keep(std::uint64_t group, std::span<const OutgoingResult> results) {
  RedisCommand command = script(RedisScript::kKeep, {process_, std::to_string(group), to_text(calendar_())});
  for (const auto& [result, outcome] : results) {
    command.words.insert(command.words.end(), {result.batch, std::to_string(result.index), kind_of(result), outcome});
  }
  const RedisReply reply = pool_.call_again([&](RedisConnection& redis) { return redis.run(command); });
  Kept kept;
  std::unordered_map<std::string, std::size_t> place;
  const auto& ids = reply.at(1).elements();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto status = status_in(ids[i].string(), reply.at(2).at(i));
    if (!status) continue;
    place.emplace(ids[i].string(), kept.news.size());
    kept.news.push_back({.status = *std::move(status), .results = {}});
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    const ItemResult& result = results[i].result;
    kept.sequences.push_back(static_cast<std::uint32_t>(reply.at(0).at(i).number()));
    const auto news = place.find(result.batch);
    if (kept.sequences.back() == 0 || news == place.end()) continue;
    kept.news[news->second].results.push_back({.sequence = kept.sequences.back(), .result = result});
  }
  std::erase_if(kept.news, [](const NewResults& news) { return news.results.empty(); });
  return kept;
}

std::vector<std::string> RedisWork::give_back(std::span<const ItemKey> items) {
  std::vector<std::string> ending;
  for (std::size_t first = 0; first < items.size(); first += kPieceItems) {
    RedisCommand command = script(RedisScript::kGiveBack, {process_});
    for (const auto& [batch, index] : items.subspan(first, std::min(kPieceItems, items.size() - first))) {
      command.words.insert(command.words.end(), {batch, std::to_string(index)});
    }
    const RedisReply reply = pool_.call_again([&](RedisConnection& redis) { return redis.run(command); });
    for (const RedisReply& id : reply.elements()) ending.push_back(id.string());
  }
  return ending;
}

std::vector<bool> RedisWork::renew(std::span<const ItemKey> items) {
  std::vector<bool> mine;
  for (std::size_t first = 0; first < items.size(); first += kPieceItems) {
    RedisCommand command = script(RedisScript::kRenew, {process_});
    for (const auto& [batch, index] : items.subspan(first, std::min(kPieceItems, items.size() - first))) {
      command.words.insert(command.words.end(), {batch, std::to_string(index)});
    }
    const RedisReply reply = pool_.call([&](RedisConnection& redis) { return redis.run(command); });
    for (const RedisReply& is_mine : reply.elements()) mine.push_back(is_mine.number() != 0);
  }
  return mine;
}

std::size_t RedisWork::sweep() {
  const RedisReply reply = pool_.call([&](RedisConnection& redis) {
    return redis.run(script(RedisScript::kSweep, {std::to_string(lease_.count()), kSweptBatches}));
  });
  return static_cast<std::size_t>(reply.number());
}

}  // namespace curlew
