// Any frames, as a request, a result and the replies to both: 16 bits of length (little-endian) before each. What is
// read is written and read again.
#include <algorithm>
#include <string>
#include <variant>

#include "curlew/wire/command.hpp"
#include "curlew/wire/reply.hpp"
#include "curlew/wire/result_message.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

constexpr CommandRules kRules{.max_items = 50, .allow_quit = true};
constexpr std::size_t kMaxFrames = 8;
/// What the seeds of replies answer.
constexpr MessageId kRequest{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x46, 0x77,
                             0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

Frames frames_of(std::string_view input) {
  Frames frames;
  while (input.size() >= 2 && frames.size() < kMaxFrames) {
    const auto low = static_cast<unsigned char>(input[0]);
    const auto high = static_cast<unsigned char>(input[1]);
    input.remove_prefix(2);
    const std::size_t length = std::min<std::size_t>(low | static_cast<unsigned>(high) << 8U, input.size());
    frames.emplace_back(input.substr(0, length));
    input.remove_prefix(length);
  }
  return frames;
}

CommandAnswer answer_to(const Call& call) {
  if (const auto* echo = std::get_if<EchoCall>(&call)) return EchoAnswer{echo->arguments};
  if (const auto* predict = std::get_if<PredictCall>(&call)) return PredictAnswer{predict->urls.size(), "batch"};
  return NoAnswer{};
}

void check_predict(const PredictCall& call) {
  check(call.urls.size() <= kRules.max_items, "a list stays within its limits");
  check(!call.top || (*call.top >= 1 && *call.top <= 1000), "top is in its range");
  check(!call.threshold || (*call.threshold >= 0 && *call.threshold <= 1), "threshold is in its range");
  check(!call.model || (!call.model->empty() && call.model->size() <= 64), "a model has a name");
}

void check_request(const Frames& frames) {
  const CommandRequest request = read_request(frames, kRules);
  if (const auto* refusal = std::get_if<Refusal>(&request.what)) {
    check(!refusal->reason.empty() && refusal->reason.size() < 10'000, "a refusal says something, and repeats little");
    const Frames reply = write_reply(request.id, *refusal, {});
    const auto read = read_predict_reply(reply, request.id.value_or(MessageId{}));
    check(!read, "a refusal is no answer");
    check(!request.id || read.error().kind == ReplyError::Kind::kRefused, "a refusal can be read");
    return;
  }
  check(request.id.has_value(), "a request has an id");
  const Call& call = std::get<Call>(request.what);
  if (const auto* predict = std::get_if<PredictCall>(&call)) {
    check_predict(*predict);
    const auto read = read_predict_reply(write_reply(request.id, answer_to(call), {}), *request.id);
    check(read && read->images == predict->urls.size() && read->batch == "batch", "an answer can be read");
  } else {
    // It is an answer to another command, or its bytes are not sound.
    const auto read = read_predict_reply(write_reply(request.id, answer_to(call), {}), *request.id);
    check(!read && read.error().message == "the reply has no response that is a map", "the answer can be decoded");
  }
  const Frames written = write_request(call, *request.id, {});
  const CommandRequest again = read_request(written, kRules);
  check(again.id == request.id && std::holds_alternative<Call>(again.what), "what was read can be written and read");
  check(write_request(std::get<Call>(again.what), *again.id, {}) == written, "everything is kept");
}

void check_result(const Frames& frames) {
  const auto message = read_result(frames);
  if (!message) {
    check(!message.error().message.empty(), "an error says something");
    return;
  }
  const Frames written = write_result(message->result, message->sequence, message->total);
  const auto again = read_result(written);
  check(again && again->has_index && again->result.ok() == message->result.ok(), "a result can be written and read");
  const Frames twice = write_result(again->result, again->sequence, again->total);
  check(twice[2] == written[2], "everything is kept");
}

void check_replies(const Frames& frames) {
  if (const auto read = read_predict_reply(frames, kRequest)) {
    check(read_predict_reply(write_reply(kRequest, *read, {}), kRequest).has_value(), "an answer can be read again");
  }
  if (const auto read = read_results_reply(frames, kRequest)) {
    check(read->results.size() <= kMaxResultsLimit, "a page stays within its limit");
    check(read_results_reply(write_reply(kRequest, *read, {}), kRequest).has_value(), "a page can be read again");
  }
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  const Frames frames = fuzz::frames_of(fuzz::as_text(data, size));
  fuzz::check_request(frames);
  fuzz::check_result(frames);
  fuzz::check_replies(frames);
  return 0;
}
