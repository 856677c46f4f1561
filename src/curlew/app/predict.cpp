#include "curlew/app/predict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <future>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "curlew/app/assemble.hpp"
#include "curlew/app/interruption.hpp"
#include "curlew/app/predict_progress.hpp"
#include "curlew/app/predict_urls.hpp"
#include "curlew/app/result_printer.hpp"
#include "curlew/app/status_line.hpp"
#include "curlew/base/calendar.hpp"
#include "curlew/base/clock.hpp"
#include "curlew/base/error.hpp"
#include "curlew/base/log.hpp"
#include "curlew/core/task.hpp"
#include "curlew/intake/list_entry.hpp"
#include "curlew/publish/printable.hpp"
#include "curlew/publish/summary.hpp"
#include "curlew/wire/command.hpp"
#include "curlew/wire/message_id.hpp"
#include "curlew/wire/reply.hpp"
#include "curlew/wire/result_message.hpp"
#include "curlew/zmq/client.hpp"
#include "curlew/zmq/endpoint.hpp"

namespace curlew {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kJoinTime{3};         // three heartbeats
constexpr seconds kReplyTime{5};        // as long as the clients of old wait
constexpr seconds kShortestReply{1};    // also where there is less time
constexpr seconds kReplayTime{2};       // a page of results; what is published waits meanwhile
constexpr milliseconds kLastLook{200};  // for what has come already when the time is over
constexpr int kDefaultTop = 3;          // labels in a CSV row; a service gives as many

/// Whether what is published from now on will be heard.
enum class Join : std::uint8_t { kUncertain, kSure };

/// The first of a key's sockets, as a client reaches it.
std::string first_address(const std::vector<std::string>& sockets, std::string_view key) {
  if (sockets.empty()) {
    throw StartupError(ExitStatus::kUsage, fmt::format("{} is empty: there is no service to be asked", key));
  }
  const auto endpoint = read_endpoint(sockets.front());
  if (!endpoint) throw StartupError(ExitStatus::kUsage, fmt::format("{}: {}", key, endpoint.error().message));
  return connect_address(*endpoint);
}

Task task_of(const PredictCommand& command, const Config& config) {
  if (command.task) return *command.task;
  return config.zmq.task == "classify" ? Task::kClassify : Task::kDetect;
}

Duration duration_of(double seconds_given) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds_given));
}

std::promise<bool> kept_promise() {
  std::promise<bool> promise;
  promise.set_value(true);
  return promise;
}

/// One run: everything that lives while a service is asked, in the order in which it is built.
class PredictRun {
 public:
  PredictRun(const PredictCommand& command, const Environment& environment, const Streams& streams)
      : command_(command),
        streams_(streams),
        began_(now()),
        config_(configure(command.common, environment)),
        request_address_(first_address(config_.zmq.rep_sockets, "zmq.rep_sockets")),
        result_address_(first_address(config_.zmq.pub_sockets, "zmq.pub_sockets")),
        entries_(predict_entries(command, config_.limits.list_items, streams)),
        deadline_(command.timeout_s ? began_ + duration_of(*command.timeout_s) : TimePoint::max()),
        line_(streams, command.common.verbosity > 0),
        client_(request_address_, stopper_),
        subscriber_(result_address_, stopper_),
        printer_({.task = task_of(command, config_),
                  .format = command.format,
                  .top = command.top.value_or(kDefaultTop),
                  .total = entries_.size(),
                  .colour = streams.out_is_terminal ? Colour::kOn : Colour::kOff},
                 line_, kept_promise().get_future().share(), [this] { stopper_.stop(); }) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].problem.empty()) sent_.push_back(i);
    }
  }

  ExitStatus run() {
    if (entries_.empty()) {
      streams_.err << "No URLs are given: name some with -u, or a CSV file with -c.\n" << std::flush;
      return ExitStatus::kOk;
    }
    interruption_.on_first([this] { stopper_.stop(); });
    std::optional<PredictAnswer> accepted;
    if (!sent_.empty()) accepted = ask(join());
    if (!stopper_.stopped()) deliver_problems();
    if (accepted && !stopper_.stopped()) collect(std::move(accepted->batch));
    interruption_.on_first([] {});  // what was done is still to be printed
    return finish();
  }

 private:
  /// Subscribes; returns once that is active, which a welcome or a heartbeat tells, or too much time has passed.
  Join join() {
    const std::string welcome = new_welcome_topic();
    subscriber_.subscribe(kResultsTopic);
    subscriber_.subscribe(kHeartbeatTopic);
    subscriber_.subscribe(welcome);
    const TimePoint began = now();
    const TimePoint end = began + std::min<Duration>(kJoinTime, (deadline_ - began) / 2);
    Join joined = Join::kUncertain;
    while (const auto frames = subscriber_.receive(end)) {
      const auto topic = topic_of(*frames);
      if (topic != kHeartbeatTopic && topic != welcome) continue;
      joined = Join::kSure;
      break;
    }
    subscriber_.unsubscribe(kHeartbeatTopic);
    subscriber_.unsubscribe(welcome);
    if (joined == Join::kUncertain && !stopper_.stopped()) {
      line_.clear();
      streams_.err << fmt::format("Nothing is published at {}.\n", printable(result_address_)) << std::flush;
    }
    return joined;
  }

  /// Nothing where the user has stopped it.
  std::optional<PredictAnswer> ask(Join joined) {
    if (stopper_.stopped()) return std::nullopt;
    const PredictCall call{.urls = sent_urls(),
                           .task = command_.task,
                           .model = command_.model,
                           .top = command_.top,
                           .threshold = command_.threshold,
                           .subscribed = joined == Join::kSure};
    const auto id = new_message_id();
    const Duration time = std::clamp<Duration>(deadline_ - now(), kShortestReply, kReplyTime);
    const auto reply = client_.ask(write_request(call, id, calendar_now_ms()), time);
    if (!reply) {
      if (reply.error() == NoReply::kStopped) return std::nullopt;
      throw StartupError(ExitStatus::kEnvironment,
                         fmt::format("no service answers at {}; is it running? `curlew service`", request_address_));
    }
    auto answer = read_predict_reply(*reply, id);
    if (!answer) {
      const bool refused = answer.error().kind == ReplyError::Kind::kRefused;
      throw StartupError(ExitStatus::kEnvironment,
                         fmt::format("the service at {} {}: {}", request_address_,
                                     refused ? "refuses" : "gives no answer that can be read", answer.error().message));
    }
    log_info("the service has taken {} URLs{}{}", answer->images, answer->batch.empty() ? "" : " as batch ",
             answer->batch);
    return std::move(*answer);
  }

  void collect(std::string batch) {
    PredictProgress progress(sent_urls(), std::move(batch), now());
    const auto goes_on = [&] { return progress.open() > 0 && !stopper_.stopped(); };
    while (goes_on() && now() < deadline_ && !progress.given_up(now())) {
      hear(std::min(progress.next_look(), deadline_), progress);
      const auto call = progress.due(now());
      if (call && goes_on()) replay(*call, progress);
    }
    const TimePoint end = now() + kLastLook;
    while (goes_on() && now() < end && hear(now(), progress)) continue;
    if (goes_on()) fail_open_ones(progress);
  }

  /// Takes the next message, if one comes until then.
  bool hear(TimePoint until, PredictProgress& progress) {
    const auto frames = subscriber_.receive(until);
    if (!frames) return false;
    if (topic_of(*frames) != kResultsTopic) return true;
    auto message = read_result(*frames);
    if (!message) {
      log_info("a message at {} is no result: {}", result_address_, message.error().message);
    } else if (auto placed = progress.published(std::move(*message), now())) {
      deliver(std::move(*placed));
    }
    return true;
  }

  /// Brings results that were not heard.
  void replay(const ResultsCall& call, PredictProgress& progress) {
    const Duration left = std::max<Duration>(deadline_ - now(), kLastLook);
    const auto id = new_message_id();
    const auto reply = client_.ask(write_request(call, id, calendar_now_ms()), std::min<Duration>(kReplayTime, left));
    if (!reply) {
      log_info("the service at {} does not answer; it is asked again", request_address_);
      return progress.unanswered(now());
    }
    auto answer = read_results_reply(*reply, id);
    if (!answer) {
      log_info("the service at {} has no results to show: {}", request_address_, answer.error().message);
      return progress.unanswered(now());
    }
    auto placed = progress.answered(std::move(*answer), now());
    log_debug("asked for results after {}: {} new ones", call.after, placed.size());
    for (auto& one : placed) deliver(std::move(one));
  }

  void deliver(PlacedResult placed) {
    const std::size_t index = sent_[placed.place];
    placed.result.index = static_cast<std::uint32_t>(index);
    placed.result.url = entries_[index].text;
    printer_.deliver(placed.result);
  }

  void fail(std::size_t index, Error error) {
    printer_.deliver({.batch = {},
                      .index = static_cast<std::uint32_t>(index),
                      .url = entries_[index].text,
                      .outcome = std::move(error),
                      .timings = {}});
  }

  /// What cannot be sent to a service.
  void deliver_problems() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!entries_[i].problem.empty()) fail(i, make_error(ErrorCode::kUrlInvalid, entries_[i].problem));
    }
  }

  void fail_open_ones(const PredictProgress& progress) {
    const bool timed_out = now() >= deadline_;
    const double waited = timed_out ? *command_.timeout_s : std::ceil(to_ms(now() - began_) / 1000);
    for (std::size_t place = 0; place < sent_.size(); ++place) {
      if (!progress.is_open(place)) continue;
      fail(sent_[place], make_error(ErrorCode::kTimeout, fmt::format("no result came within {:g} s", waited)));
    }
  }

  ExitStatus finish() {
    RunSummary summary = printer_.counts();
    summary.total_ms = to_ms(now() - began_);
    printer_.finish(summary);
    if (printer_.write_failed()) return ExitStatus::kEnvironment;  // run() sees the state of stdout, and says it
    streams_.err << summary_text(summary, streams_.err_is_terminal ? Colour::kOn : Colour::kOff) << std::flush;
    if (interruption_.happened()) return ExitStatus::kInterrupted;
    return summary.failed() + summary.not_done() > 0 ? ExitStatus::kSomeFailed : ExitStatus::kOk;
  }

  std::vector<std::string> sent_urls() const {
    std::vector<std::string> urls;
    urls.reserve(sent_.size());
    for (const std::size_t index : sent_) urls.push_back(entries_[index].text);
    return urls;
  }

  const PredictCommand& command_;
  const Streams& streams_;
  const TimePoint began_;
  Stopper stopper_;
  Interruption interruption_;
  const Config config_;
  const std::string request_address_;
  const std::string result_address_;
  const std::vector<ListEntry> entries_;
  std::vector<std::size_t> sent_;  ///< places of the list that are sent; the others have a problem
  const TimePoint deadline_;
  StatusLine line_;
  RequestClient client_;
  Subscriber subscriber_;
  ResultPrinter printer_;
};

}  // namespace

ExitStatus predict(const PredictCommand& command, const Environment& environment, const Streams& streams) {
  return PredictRun(command, environment, streams).run();
}

}  // namespace curlew
