#include "flow/predict_fixture.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "curlew/app/predict.hpp"
#include "curlew/base/calendar.hpp"
#include "curlew/wire/message_id.hpp"
#include "curlew/wire/result_message.hpp"

namespace curlew {
namespace {

constexpr std::chrono::milliseconds kBeat{50};

Publisher::Events events(PlayedService::Welcomes welcomes) {
  Publisher::Events events;
  if (welcomes == PlayedService::Welcomes::kEverybody) {
    events.subscribed = [](std::string_view topic, const Publisher::Send& send) {
      if (is_welcome_topic(topic)) send(write_welcome(topic, calendar_now_ms()));
    };
  }
  events.due = [](const Publisher::Send& send) {
    send(write_heartbeat(rusage{}, calendar_now_ms()));
    return now() + kBeat;
  };
  return events;
}

Frames python_message(const nlohmann::json& data) {
  const auto id = new_message_id();
  const auto packed = nlohmann::json::to_msgpack(data);
  return {std::string(kResultsTopic), std::string(id.begin(), id.end()), std::string(packed.begin(), packed.end())};
}

}  // namespace

PlayedService::PlayedService(Welcomes welcomes, Play play)
    : play_(std::move(play)),
      publisher_({.endpoints = {"tcp://127.0.0.1:*"}}, events(welcomes)),
      server_({.endpoints = {"tcp://127.0.0.1:*"}},
              [this](const Frames& request, const ReplyServer::Answer& way) { answer(request, way); }) {
  publisher_.start();
  server_.start();
}

void PlayedService::answer(const Frames& request, const ReplyServer::Answer& answer) {
  const auto read = read_request(request, {});
  const auto* call = std::get_if<Call>(&read.what);
  const auto reply = call == nullptr ? std::optional<CommandAnswer>(std::get<Refusal>(read.what)) : play_(*call, *this);
  if (reply) answer(write_reply(read.id, *reply, calendar_now_ms()));
}

Environment PlayedService::environment() const {
  return {{"CURLEW_ZMQ_PUB_SOCKETS", publisher_.addresses().at(0)},
          {"CURLEW_ZMQ_REP_SOCKETS", server_.addresses().at(0)}};
}

std::optional<CommandAnswer> PlayedCurlew::operator()(const Call& call, PlayedService& service) {
  const std::scoped_lock lock(mutex_);
  if (const auto* asked = std::get_if<PredictCall>(&call)) return predict(*asked, service);
  return replay(std::get<ResultsCall>(call));
}

PredictAnswer PlayedCurlew::predict(const PredictCall& call, PlayedService& service) {
  const std::string batch = "01934b2e-0000-7000-8000-000000000001";
  asked_.push_back(call);
  const auto total = static_cast<std::uint32_t>(call.urls.size());
  for (std::uint32_t sequence = 1; sequence <= total; ++sequence) {
    const std::uint32_t index = total - sequence;
    ItemResult result{.batch = batch, .index = index, .url = call.urls[index], .outcome = {}, .timings = {}};
    if (outcome) {
      result.outcome = outcome(result.url);
    } else {
      std::get<Success>(result.outcome).answer.predictions = {
          {.index = 1, .label = "label " + std::to_string(index), .score = 0.5F, .box = {}}};
    }
    results_.push_back(result);
    if (!publishes(sequence)) continue;
    service.publish(write_result(result, sequence, total));
    result.batch = "another";  // of a batch that is nobody's here
    service.publish(write_result(result, sequence, total));
  }
  return {.images = total, .batch = batch};
}

ResultsAnswer PlayedCurlew::replay(const ResultsCall& call) {
  ++replays_;
  const auto total = static_cast<std::uint32_t>(results_.size());
  ResultsAnswer answer{.results = {}, .next = {}, .status = "running", .total = total, .done = 0};
  for (std::uint32_t sequence = 1; sequence <= total && keeps(sequence); ++sequence) answer.done = sequence;
  for (auto sequence = call.after + 1; sequence <= answer.done && answer.results.size() < kPage; ++sequence) {
    answer.results.push_back(
        {.result = results_[sequence - 1], .has_index = true, .sequence = sequence, .total = total});
  }
  const auto last = call.after + static_cast<std::uint32_t>(answer.results.size());
  if (last < answer.done) answer.next = last;
  return answer;
}

std::vector<PredictCall> PlayedCurlew::asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

std::size_t PlayedCurlew::replays() const {
  const std::scoped_lock lock(mutex_);
  return replays_;
}

Frames python_result(const std::string& url, const std::string& label) {
  return python_message({{"url", url}, {"boxes", {{12, 34, 204, 278}}}, {"labels", {label}}, {"scores", {0.875}}});
}

Frames python_error(const std::string& url, const std::string& text) {
  return python_message({{"url", url}, {"error", text}});
}

Run run_predict(const PredictCommand& command, const Environment& environment) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Run run;
  run.status = predict(command, environment, {.in = in, .out = out, .err = err});
  run.out = out.str();
  run.err = err.str();
  return run;
}

}  // namespace curlew
