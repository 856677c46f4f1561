#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "curlew/service/api.hpp"
#include "curlew/service/openapi.hpp"
#include "curlew/service/service_json.hpp"

namespace curlew {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kHealthSchema = R"({"$ref": "#/components/schemas/Health"})";

void say_ready(const ApiParts& parts, HttpReply& reply) {
  const auto reasons = reasons_against(parts);
  Json json = {{"status", reasons.empty() ? "ready" : "not ready"}};
  if (!reasons.empty()) json["reasons"] = reasons;
  if (reasons.empty()) return send_json(reply, 200, json.dump());
  send_json(reply, 503, json.dump(), {{"Retry-After", "1"}});
}

void add_probe(Router& router, const std::string& path, const std::string& name, const std::string& summary,
               std::function<void(HttpReply&)> answer, std::vector<RouteAnswer> other_answers = {}) {
  RouteAnswer good{.status = 200, .media = "application/json", .description = "It is.", .schema = kHealthSchema};
  other_answers.insert(other_answers.begin(), std::move(good));
  router.add({.method = "GET",
              .pattern = path,
              .name = name,
              .handler = [answer = std::move(answer)](const HttpRequest&, const ReplyPtr& reply) { answer(*reply); },
              .counts_for_rate = false,
              .summary = summary,
              .answers = std::move(other_answers)});
}

}  // namespace

std::vector<std::string> reasons_against(const ApiParts& parts) {
  std::vector<std::string> reasons;
  switch (parts.state.phase()) {
    case ServiceState::Phase::kStarting:
      reasons.emplace_back(has_model(parts.board) ? "starting: the models are being loaded"
                                                  : "models: none of those configured is to be had; the log says why");
      break;
    case ServiceState::Phase::kDraining:
      reasons.emplace_back("draining: the service is about to stop");
      break;
    case ServiceState::Phase::kReady:
      break;
  }
  // What is wrong with it, and where it lies, is for the log.
  if (parts.backend.kept().trouble()) reasons.emplace_back("store: batches cannot be kept; the log says why");
  return reasons;
}

void add_probe_routes(Router& router, const ApiParts& parts) {
  const auto alive = [](HttpReply& reply) { send_json(reply, 200, R"({"status": "alive"})"); };
  add_probe(router, "/livez", "livez", "Whether the process answers.", alive);
  const auto ready = [parts](HttpReply& reply) { say_ready(parts, reply); };
  const RouteAnswer not_ready{
      .status = 503, .media = "application/json", .description = "It is not.", .schema = kHealthSchema};
  add_probe(router, "/readyz", "readyz", "Whether it takes work.", ready, {not_ready});
  add_probe(router, "/healthz", "healthz", "As /readyz, under its older name.", ready, {not_ready});
  router.add({.method = "GET",
              .pattern = "/version",
              .name = "version",
              .handler =
                  [version = parts.version](const HttpRequest&, const ReplyPtr& reply) {
                    send_json(*reply, 200, Json({{"name", "curlew"}, {"version", version}}).dump());
                  },
              .counts_for_rate = false,
              .summary = "What runs here.",
              .answers = {{.status = 200,
                           .media = "application/json",
                           .description = "The version.",
                           .schema = R"({"$ref": "#/components/schemas/Version"})"}}});
  router.add({.method = "GET",
              .pattern = "/metrics",
              .name = "metrics",
              .handler =
                  [metrics = parts.metrics](const HttpRequest&, const ReplyPtr& reply) {
                    reply->send(200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, metrics());
                  },
              .counts_for_rate = false,
              .summary = "What Prometheus reads.",
              .answers = {{.status = 200, .media = "text/plain", .description = "Prometheus text 0.0.4."}}});
  router.add({.method = "GET",
              .pattern = "/v1/models",
              .name = "models",
              .handler = on_errand(
                  parts, Brings::kNoWork,  // it looks for files
                  [parts](const HttpRequest&, const ReplyPtr& reply) {
                    send_json(*reply, 200, models_json(parts.board.models()), {{"Cache-Control", "no-store"}});
                  }),
              .needs_key = true,
              .summary = "The models that there are.",
              .answers = {{.status = 200,
                           .media = "application/json",
                           .description = "The models.",
                           .schema = R"({"$ref": "#/components/schemas/Models"})"}}});
  const auto text = std::make_shared<std::string>();
  router.add({.method = "GET",
              .pattern = "/openapi.json",
              .name = "openapi",
              .handler =
                  [text](const HttpRequest&, const ReplyPtr& reply) {
                    reply->send(200, {{"Content-Type", "application/json"}}, *text);
                  },
              .counts_for_rate = false,
              .summary = "This description.",
              .answers = {{.status = 200, .media = "application/json", .description = "OpenAPI 3.1."}}});
  auto models = parts.board.models();
  // Explorers fill in the first that they find: let it be one that is likely to be there.
  std::ranges::stable_partition(models, [&](const ModelFacts& model) {
    const auto chosen = parts.board.default_of(model.task);
    return chosen && chosen->name == model.name;
  });
  *text = openapi_json(router, {.version = parts.version, .max_items = parts.max_items, .models = models});
}

}  // namespace curlew
