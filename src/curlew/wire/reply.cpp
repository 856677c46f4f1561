#include "curlew/wire/reply.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "curlew/base/calendar.hpp"
#include "curlew/wire/message.hpp"
#include "curlew/wire/packer.hpp"
#include "curlew/wire/result_map.hpp"

namespace curlew {
namespace {

using Json = nlohmann::ordered_json;

/// Writes the response of a command that was done.
struct ResponsePacker {
  Packer& out;

  void operator()(const EchoAnswer& answer) const {
    if (answer.arguments.empty()) {
      out.array(0);
    } else {
      out.raw(answer.arguments);
    }
  }

  void operator()(const PredictAnswer& answer) const {
    MapPacker response;
    response["status"].text("processing");
    response["num_images"].integer(answer.images);
    if (!answer.batch.empty()) response["batch_id"].text(answer.batch);
    out.raw(response.take());
  }

  void operator()(const ResultsAnswer& answer) const {
    MapPacker response;
    Packer& results = response["results"];
    results.array(answer.results.size());
    for (const ResultMessage& message : answer.results) {
      results.raw(pack_result(message.result, message.sequence, message.total));
    }
    if (answer.next) {
      response["next"].integer(*answer.next);
    } else {
      response["next"].nil();
    }
    response["status"].text(answer.status);
    response["total"].integer(answer.total);
    response["done"].integer(answer.done);
    out.raw(response.take());
  }

  void operator()(const Json& answer) const {
    std::string packed;
    Json::to_msgpack(answer, packed);
    out.raw(packed);
  }

  void operator()(const NoAnswer&) const { out.nil(); }
};

MapPacker begin_reply(const std::optional<MessageId>& request, CalendarTime time) {
  MapPacker data;
  data["systemtime"].text(rfc3339(time));
  if (request) data["cmd_msgid"].text(to_base64(*request));
  return data;
}

Frames refuse(MapPacker data, const Refusal& refusal) {
  data["failed"].boolean(true);
  data["exception"].boolean(true);
  data["reason"].text(refusal.reason);
  return make_message("reply", new_message_id(), data.take());
}

template <class T>
Frames answer_with(MapPacker data, const T& answer) {
  data["failed"].boolean(false);
  data["exception"].boolean(false);
  data["reason"].text("");
  ResponsePacker{data["response"]}(answer);
  return make_message("reply", new_message_id(), data.take());
}

Frames finish(MapPacker data, const Refusal& refusal) { return refuse(std::move(data), refusal); }

Frames finish(MapPacker data, const JsonAnswer& answer) {
  const Json json = Json::parse(answer.json, nullptr, false);
  if (json.is_discarded()) return refuse(std::move(data), runtime_error("the answer cannot be written"));
  return answer_with(std::move(data), json);
}

template <class T>
Frames finish(MapPacker data, const T& answer) {
  return answer_with(std::move(data), answer);
}

}  // namespace

Frames write_reply(const std::optional<MessageId>& request, const CommandAnswer& answer, CalendarTime time) {
  return std::visit([&](const auto& what) { return finish(begin_reply(request, time), what); }, answer);
}

}  // namespace curlew
