#include "curlew/service/commands.hpp"

#include <exception>
#include <numeric>
#include <utility>
#include <variant>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/log.hpp"
#include "curlew/intake/url_list.hpp"
#include "curlew/service/api.hpp"
#include "curlew/service/list_order.hpp"
#include "curlew/service/service_json.hpp"

namespace curlew {
namespace {

/// A request of more bytes is read elsewhere: it takes milliseconds.
constexpr std::size_t kLongRequest = 64 * kKiB;
/// As much as one reply brings: a client that never reads holds up to a thousand of them.
constexpr std::size_t kReplyBytes = 256 * kKiB;
constexpr std::size_t kBytesOfPrediction = 96;  // label, score, box and number, as MessagePack has them

constexpr const char* kBusy = "the service has too much to do now; try again";
constexpr const char* kStopping = "the service is stopping; ask again when it is back";
constexpr const char* kBroken = "the service could not do it; its log says why";

std::size_t size_of(const Frames& frames) {
  return std::accumulate(frames.begin(), frames.end(), std::size_t{0},
                         [](std::size_t sum, const std::string& frame) { return sum + frame.size(); });
}

std::size_t size_of(const ItemResult& result) {
  std::size_t bytes = 512 + result.url.size();
  if (const auto* success = std::get_if<Success>(&result.outcome)) {
    for (const Prediction& each : success->answer.predictions) bytes += kBytesOfPrediction + each.label.size();
  }
  return bytes;
}

std::vector<NewItem> items_of(const std::vector<std::string>& urls) {
  std::vector<NewItem> items;
  items.reserve(urls.size());
  for (ListEntry& entry : to_entries(urls)) {
    items.push_back({.text = std::move(entry.text), .problem = std::move(entry.problem)});
  }
  return items;
}

/// Answers whatever happens: a client without a reply waits, and gives up on the service.
void answer(const std::optional<MessageId>& id, const Commands::Reply& reply,
            const std::function<CommandAnswer()>& work) {
  CommandAnswer said = runtime_error(kBroken);
  try {
    said = work();
  } catch (const std::exception& e) {
    log_error("a request over ZeroMQ could not be done: {}", e.what());
  }
  reply(write_reply(id, said, calendar_now_ms()));
}

}  // namespace

void Commands::handle(Frames request, const Reply& reply) const {
  if (size_of(request) <= kLongRequest) return act(read_request(request, parts_.rules), reply);
  const auto shared = std::make_shared<Frames>(std::move(request));
  const bool taken = parts_.errands.run([this, shared, reply] { act(read_request(*shared, parts_.rules), reply); });
  if (!taken) answer(std::nullopt, reply, [] { return runtime_error(kBusy); });
}

void Commands::act(const CommandRequest& request, const Reply& reply) const {
  const auto& id = request.id;
  const auto* call = std::get_if<Call>(&request.what);
  if (call == nullptr) return answer(id, reply, [&] { return std::get<Refusal>(request.what); });
  if (const auto* echo = std::get_if<EchoCall>(call)) {
    return answer(id, reply, [&] { return EchoAnswer{.arguments = echo->arguments}; });
  }
  if (const auto* asked = std::get_if<PredictCall>(call)) {
    return elsewhere(id, reply, [this, asked = *asked] { return predict(asked); });
  }
  if (const auto* asked = std::get_if<ResultsCall>(call)) {
    return elsewhere(id, reply, [this, asked = *asked] { return results(asked); });
  }
  if (const auto* quit = std::get_if<QuitCall>(call)) {
    answer(id, reply, [] { return NoAnswer{}; });
    return parts_.quit(quit->exit_code);
  }
  answer(id, reply, [&] { return JsonAnswer{.json = models_json(parts_.board.models())}; });
}

void Commands::elsewhere(const std::optional<MessageId>& id, const Reply& reply,
                         std::function<CommandAnswer()> work) const {
  if (parts_.errands.run([id, reply, work = std::move(work)] { answer(id, reply, work); })) return;
  answer(id, reply, [] { return runtime_error(kBusy); });
}

CommandAnswer Commands::predict(const PredictCall& call) const {
  const auto turn_away = [this](std::string_view why) {
    if (parts_.turned_away) parts_.turned_away();
    return runtime_error(why);
  };
  if (parts_.state.phase() == ServiceState::Phase::kDraining) return turn_away(kStopping);
  AskedOptions asked{.task = call.task, .model = call.model, .top = call.top, .threshold = call.threshold};
  if (!call.task && !call.model) asked.task = parts_.task;
  auto options = resolve_options(asked, std::nullopt, parts_.board);
  if (!options) return turn_away(options.error().detail);
  options->publisher = parts_.announcer.name();
  const auto created =
      parts_.backend.kept().create({.items = items_of(call.urls), .options = *options, .idempotency = std::nullopt});
  if (!created) return turn_away(problem_of(created.error()).detail);
  if (parts_.taken) parts_.taken();
  parts_.announcer.add(created->status, call.subscribed);
  return PredictAnswer{.images = call.urls.size(), .batch = created->status.id};
}

CommandAnswer Commands::results(const ResultsCall& call) const {
  auto page = parts_.backend.kept().results(call.batch, call.after, call.limit);
  if (!page) return runtime_error(problem_of(page.error()).detail);
  return results_answer(std::move(*page));
}

ResultsAnswer results_answer(ResultPage page) {
  ResultsAnswer answer{.results = {},
                       .next = std::nullopt,
                       .status = std::string(phase_word(page.status.phase)),
                       .total = page.status.total,
                       .done = page.status.done};
  std::size_t bytes = 0;
  for (KeptResult& kept : page.results) {
    bytes += size_of(kept.result);
    if (bytes > kReplyBytes && !answer.results.empty()) break;
    answer.results.push_back(
        {.result = std::move(kept.result), .has_index = true, .sequence = kept.sequence, .total = page.status.total});
  }
  if (!answer.results.empty() && answer.results.back().sequence < page.status.done) {
    answer.next = answer.results.back().sequence;
  }
  return answer;
}

}  // namespace curlew
