#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "curlew/service/api.hpp"
#include "curlew/service/inference_reply.hpp"
#include "curlew/service/inference_request.hpp"
#include "curlew/service/list_order.hpp"

namespace curlew {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kBinary = "application/octet-stream";
constexpr std::string_view kHeadLength = "Inference-Header-Content-Length";

/// The model that a path speaks of.
///
/// Errors: kNotFound: there is none, or it has no such version.
Result<ModelFacts, HttpProblem> model_of(const ModelBoard& board, const HttpRequest& request) {
  auto model = board.find(std::string(request.parameter("model")));
  if (!model) {
    return tl::make_unexpected(
        make_problem(HttpErrorCode::kNotFound, "there is no model of this name; GET /v2/models lists those there are"));
  }
  const bool has_version = request.parameters.contains("version");
  if (has_version && request.parameter("version") != kModelVersion) {
    return tl::make_unexpected(
        make_problem(HttpErrorCode::kNotFound, fmt::format("a model has the version {} only", kModelVersion)));
  }
  return *std::move(model);
}

std::optional<HttpProblem> why_not_ready(const ApiParts& parts) {
  const auto reasons = reasons_against(parts);
  if (reasons.empty()) return std::nullopt;
  auto code = HttpErrorCode::kStoreUnavailable;
  if (parts.state.phase() == ServiceState::Phase::kStarting) code = HttpErrorCode::kStarting;
  if (parts.state.phase() == ServiceState::Phase::kDraining) code = HttpErrorCode::kDraining;
  return make_problem(code, fmt::format("{}", fmt::join(reasons, "; ")));
}

/// Whether a model that nobody has asked for yet is ready: its first request loads it, and none comes before it is.
std::optional<HttpProblem> why_not_ready(const ModelFacts& model) {
  switch (model.state) {
    case ModelFacts::State::kLoading:
      return make_problem(HttpErrorCode::kStarting, "the model is being loaded; try again in a moment");
    case ModelFacts::State::kUnavailable:
      return make_problem(HttpErrorCode::kModelUnavailable, "the model is not to be had here");
    case ModelFacts::State::kIdle:
    case ModelFacts::State::kReady:
      break;
  }
  return std::nullopt;
}

void say_model_ready(const ApiParts& parts, const HttpRequest& request, HttpReply& reply) {
  const auto model = model_of(parts.board, request);
  if (!model) return reply.fail(model.error());
  if (auto problem = why_not_ready(*model)) return reply.fail(std::move(*problem));
  if (parts.state.phase() != ServiceState::Phase::kReady) {
    if (auto problem = why_not_ready(parts)) return reply.fail(std::move(*problem));
  }
  send_json(reply, 200, Json({{"name", model->name}, {"ready", true}}).dump(), {{"Cache-Control", "no-store"}});
}

/// A request that is being worked on.
struct Order {
  InferenceRequest request;
  BatchOptions options;
};

Result<Order, HttpProblem> read_order(const ApiParts& parts, HttpRequest& request) {
  const auto model = model_of(parts.board, request);
  if (!model) return tl::make_unexpected(model.error());
  const std::string body = std::exchange(request.body, {});
  std::optional<std::size_t> head_bytes;
  if (const auto values = request.headers.all(kHeadLength); !values.empty()) {
    const auto length = read_head_length(values.size() == 1 ? values.front() : "");
    if (!length) return tl::make_unexpected(length.error());
    head_bytes = *length;
  }
  auto read = read_inference_request(body, head_bytes, {.task = model->task, .max_pictures = parts.max_items});
  if (!read) return tl::make_unexpected(std::move(read.error()));
  const AskedOptions asked{.task = model->task, .model = model->name, .top = read->top, .threshold = read->threshold};
  const auto options = resolve_options(asked, model->task, parts.board);
  if (!options) return tl::make_unexpected(options.error());
  return Order{.request = *std::move(read), .options = *options};
}

std::vector<UploadedPicture> take_pictures(InferenceRequest& inference, const HttpRequest& request) {
  std::vector<UploadedPicture> pictures;
  pictures.reserve(inference.pictures.size());
  for (InferencePicture& picture : inference.pictures) {
    pictures.push_back(
        {.name = "", .bytes = std::move(picture.bytes), .room = request.body_room, .url = std::move(picture.url)});
  }
  inference.pictures.clear();
  return pictures;
}

void answer(const Order& order, const WholeAnswer& whole, HttpReply& reply) {
  auto written = write_inference_reply(
      order.request, whole.results,
      {.model = order.options.model, .task = order.options.task, .top = static_cast<std::size_t>(order.options.top)});
  if (!written) return reply.fail(std::move(written.error()));
  HttpHeaders headers{{"Content-Type", std::string(written->head_bytes ? kBinary : kJson)},
                      {"Server-Timing", stages_timing(whole.summary)}};
  if (written->head_bytes) {
    headers.add(kHeadLength, fmt::to_string(*written->head_bytes));
  } else {
    written->body += '\n';  // as all JSON here has it
  }
  reply.send(200, std::move(headers), std::move(written->body));
}

void infer(const ApiParts& parts, HttpRequest& request, const ReplyPtr& reply) {
  auto read = read_order(parts, request);
  if (!read) return reply->fail(std::move(read.error()));
  const auto order = std::make_shared<Order>(*std::move(read));
  const auto created = parts.backend.create_uploads(take_pictures(order->request, request), order->options);
  if (!created) return reply->fail(problem_of(created.error()));
  when_all_are_there(parts, request, reply, created->status.id,
                     [order, reply](const WholeAnswer& whole) { answer(*order, whole, *reply); });
}

RouteAnswer json_answer(std::string description, std::string_view schema) {
  return {.status = 200,
          .media = std::string(kJson),
          .description = std::move(description),
          .schema = fmt::format(R"({{"$ref": "#/components/schemas/{}"}})", schema)};
}

std::vector<RouteParameter> path_parameters(bool versioned) {
  std::vector<RouteParameter> parameters{{.name = "model",
                                          .place = RouteParameter::Place::kPath,
                                          .required = true,
                                          .description = "A model by name.",
                                          .schema = R"({"$ref": "#/components/schemas/AnyModel"})"}};
  if (versioned) {
    parameters.push_back({.name = "version",
                          .place = RouteParameter::Place::kPath,
                          .required = true,
                          .description = "Each model has one.",
                          .schema = R"({"type": "string", "enum": ["1"]})"});
  }
  return parameters;
}

/// Routes of one model: with a version in their path and without.
void add_model_routes(Router& router, const ApiParts& parts, bool versioned) {
  const std::string pattern = versioned ? "/v2/models/{model}/versions/{version}" : "/v2/models/{model}";
  const std::string suffix = versioned ? "_version" : "";
  router.add({.method = "GET",
              .pattern = pattern,
              .name = "inference_model" + suffix,
              .handler = on_errand(parts, Brings::kNoWork,  // it looks for files
                                   [parts](const HttpRequest& request, const ReplyPtr& reply) {
                                     const auto model = model_of(parts.board, request);
                                     if (!model) return reply->fail(model.error());
                                     send_json(*reply, 200, inference_metadata_json(model->name, model->task));
                                   }),
              .needs_key = true,
              .summary = "Open Inference Protocol: what a model takes and gives.",
              .parameters = path_parameters(versioned),
              .answers = {json_answer("Its tensors; -1 stands for any number.", "InferenceModel"), error_answer(404)}});
  router.add({.method = "GET",
              .pattern = pattern + "/ready",
              .name = "inference_model_ready" + suffix,
              .handler = on_errand(parts, Brings::kNoWork,
                                   [parts](const HttpRequest& request, const ReplyPtr& reply) {
                                     say_model_ready(parts, request, *reply);
                                   }),
              .needs_key = true,
              .summary = "Open Inference Protocol: whether a model takes requests; the first may have to load it.",
              .parameters = path_parameters(versioned),
              .answers = {json_answer("It does.", "InferenceModelReady"), error_answer(404)}});
  auto parameters = path_parameters(versioned);
  parameters.push_back({.name = std::string(kHeadLength),
                        .place = RouteParameter::Place::kHeader,
                        .required = false,
                        .description =
                            "How many bytes of the body are JSON, where a binary tensor follows it; 0: none, "
                            "the body is one picture.",
                        .schema = R"({"type": "integer", "minimum": 0})"});
  const std::string form = "multipart/form-data";  // pictures are as large however they come
  router.add(
      {.method = "POST",
       .pattern = pattern + "/infer",
       .name = "inference" + suffix,
       .handler = on_errand(parts, Brings::kWork,
                            [parts](HttpRequest& request, const ReplyPtr& reply) { infer(parts, request, reply); }),
       .bodies = {{.media = std::string(kJson),
                   .schema = R"({"$ref": "#/components/schemas/InferenceRequest"})",
                   .limited_as = form},
                  {.media = std::string(kBinary), .limited_as = form}},
       .needs_key = true,
       .summary = "Open Inference Protocol: names what is in pictures, or finds objects. A picture that fails has an "
                  "empty row, and its code and message in the output `errors`; where all fail and nobody asked for "
                  "`errors`, the request does.",
       .parameters = std::move(parameters),
       .answers = {json_answer("The outputs, rows padded with \"\" and 0.", "InferenceReply"),
                   {.status = 200,
                    .media = std::string(kBinary),
                    .description = "The same with binary tensors behind the JSON.",
                    .schema = {}},
                   error_answer(404)}});
}

void add_health_route(Router& router, const std::string& word, const std::string& summary,
                      std::function<void(HttpReply&)> answer) {
  router.add({.method = "GET",
              .pattern = "/v2/health/" + word,
              .name = "inference_" + word,
              .handler = [answer = std::move(answer)](const HttpRequest&, const ReplyPtr& reply) { answer(*reply); },
              .counts_for_rate = false,
              .summary = summary,
              .answers = {json_answer("It is.", "InferenceHealth")}});
}

}  // namespace

void add_inference_routes(Router& router, const ApiParts& parts) {
  router.use_inference_errors_under("/v2/");
  add_health_route(router, "live", "Open Inference Protocol: whether the process answers.",
                   [](HttpReply& reply) { send_json(reply, 200, R"({"live": true})"); });
  add_health_route(router, "ready", "Open Inference Protocol: whether it takes work.", [parts](HttpReply& reply) {
    if (auto problem = why_not_ready(parts)) return reply.fail(std::move(*problem));
    send_json(reply, 200, R"({"ready": true})");
  });
  router.add({.method = "GET",
              .pattern = "/v2",
              .name = "inference_server",
              .handler =
                  [version = parts.version](const HttpRequest&, const ReplyPtr& reply) {
                    const Json json = {
                        {"name", "curlew"}, {"version", version}, {"extensions", {"binary_tensor_data", "parameters"}}};
                    send_json(*reply, 200, json.dump());
                  },
              .needs_key = true,
              .summary = "Open Inference Protocol: what runs here.",
              .answers = {json_answer("The server.", "InferenceServer")}});
  router.add({.method = "GET",
              .pattern = "/v2/models",
              .name = "inference_models",
              .handler = on_errand(parts, Brings::kNoWork,
                                   [parts](const HttpRequest&, const ReplyPtr& reply) {
                                     Json names = Json::array();
                                     for (const ModelFacts& model : parts.board.models()) names.push_back(model.name);
                                     send_json(*reply, 200, Json({{"models", std::move(names)}}).dump());
                                   }),
              .needs_key = true,
              .summary = "Open Inference Protocol: the names of the models.",
              .answers = {json_answer("The names.", "InferenceModels")}});
  add_model_routes(router, parts, /*versioned=*/false);
  add_model_routes(router, parts, /*versioned=*/true);
}

}  // namespace curlew
