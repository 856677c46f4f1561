#include "curlew/service/openapi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "curlew/base/error.hpp"
#include "curlew/http/http_problem.hpp"
#include "curlew/service/openapi_schemas.hpp"

namespace curlew {
namespace {

using Json = nlohmann::ordered_json;

/// How one style of errors stands in the description.
struct ErrorWords {
  ErrorStyle style;
  std::string response;  ///< the name of a response for any error; one for each status has that behind it
  std::string schema;
};

const std::array<ErrorWords, 2>& error_words() {
  static const std::array<ErrorWords, 2> words{{
      {ErrorStyle::kProblem, "Problem", R"({"$ref": "#/components/schemas/Problem"})"},
      {ErrorStyle::kInferenceProtocol, "InferenceError", R"({"$ref": "#/components/schemas/InferenceError"})"},
  }};
  return words;
}

const ErrorWords& words_of(ErrorStyle style) { return error_words()[style == ErrorStyle::kProblem ? 0 : 1]; }

std::string_view place_of(RouteParameter::Place place) {
  switch (place) {
    case RouteParameter::Place::kPath:
      return "path";
    case RouteParameter::Place::kQuery:
      return "query";
    case RouteParameter::Place::kHeader:
      break;
  }
  return "header";
}

Json parameter_of(const RouteParameter& parameter) {
  Json json = {{"name", parameter.name},
               {"in", place_of(parameter.place)},
               {"required", parameter.required},
               {"description", parameter.description},
               {"schema", Json::parse(parameter.schema)}};
  if (!parameter.example.empty()) json["example"] = Json::parse(parameter.example);
  return json;
}

Json content_of(const std::string& media, const std::string& schema) {
  Json content;
  content[media] = schema.empty() ? Json::object() : Json{{"schema", Json::parse(schema)}};
  return content;
}

Json header_of(std::string_view description, std::string_view type) {
  return {{"description", description}, {"required", true}, {"schema", {{"type", type}}}};
}

/// Headers that every answer with this status has.
Json headers_of(int status) {
  switch (status) {
    case 202:
      return {{"Location", header_of("Where to ask how far it is.", "string")}};
    case 401:
      return {{"WWW-Authenticate", header_of("`Bearer`.", "string")}};
    case 429:
    case 503:
      return {{"Retry-After", header_of("Seconds until it is worth another try.", "integer")}};
    default:
      return nullptr;
  }
}

/// What each request may meet, whatever its route: broken HTTP, a limit, another host's name, a fault, no room.
constexpr std::array kAnywhere{400, 408, 413, 414, 417, 421, 431, 500, 503};

/// The statuses of errors that `route` can answer with.
std::set<int> errors_of(const Route& route) {
  std::set<int> statuses(kAnywhere.begin(), kAnywhere.end());
  if (route.needs_key) statuses.insert(401);
  if (route.counts_for_rate) statuses.insert(429);
  if (!route.bodies.empty()) statuses.insert({415, 422});
  const bool has_query = std::ranges::any_of(
      route.parameters, [](const RouteParameter& each) { return each.place == RouteParameter::Place::kQuery; });
  if (has_query) statuses.insert(422);
  return statuses;
}

std::string media_of(const ErrorWords& words) { return std::string(error_media_type(words.style)); }

Json responses_of(const Route& route, const ErrorWords& words) {
  Json responses;
  std::set<int> errors = errors_of(route);
  for (const RouteAnswer& answer : route.answers) {
    if (answer.status >= 400) errors.insert(answer.status);
    if (answer.status >= 400 && answer.media.empty()) continue;
    Json& response = responses[fmt::to_string(answer.status)];
    if (!response.contains("description")) response["description"] = answer.description;
    if (const Json headers = headers_of(answer.status); !headers.is_null()) response["headers"] = headers;
    if (!answer.media.empty()) response["content"].update(content_of(answer.media, answer.schema));
  }
  for (const int status : errors) {
    Json& response = responses[fmt::to_string(status)];
    if (response.is_null()) {
      response["$ref"] = fmt::format("#/components/responses/{}{}", words.response, status);
    } else {
      response["content"].update(content_of(media_of(words), words.schema));
    }
  }
  responses["default"] = {{"$ref", "#/components/responses/" + words.response}};
  return responses;
}

Json operation_of(const Route& route, const ErrorWords& words) {
  Json operation = {{"operationId", route.name}, {"summary", route.summary}};
  if (!route.needs_key) operation["security"] = Json::array();
  for (const RouteParameter& parameter : route.parameters) operation["parameters"].push_back(parameter_of(parameter));
  if (!route.bodies.empty()) {
    Json content;
    for (const BodyRule& body : route.bodies) content.update(content_of(body.media, body.schema));
    operation["requestBody"] = {{"required", true}, {"content", content}};
  }
  operation["responses"] = responses_of(route, words);
  return operation;
}

/// One for each status of the table of errors, and one for any, in a style.
void add_error_responses(Json& responses, const ErrorWords& words) {
  const Json content = content_of(media_of(words), words.schema);
  responses[words.response] = {{"description", "Why there is no answer."}, {"content", content}};
  for (const HttpErrorInfo& info : http_error_table()) {
    Json& response = responses[fmt::format("{}{}", words.response, info.status)];
    const std::string line = fmt::format("- `{}`: {}", info.wire_name, info.sentence);
    if (!response.is_null()) {
      response["description"] = response["description"].get<std::string>() + '\n' + line;
      continue;
    }
    response["description"] = line;
    if (const Json headers = headers_of(info.status); !headers.is_null()) response["headers"] = headers;
    response["content"] = content;
  }
}

Json error_responses() {
  Json responses;
  for (const ErrorWords& words : error_words()) add_error_responses(responses, words);
  return responses;
}

/// The names of models that do `task`; any text where none is known.
Json model_names(std::span<const ModelFacts> models, Task task) {
  Json names = Json::array();
  for (const ModelFacts& model : models) {
    if (model.task == task && model.state != ModelFacts::State::kUnavailable) names.push_back(model.name);
  }
  Json schema = {{"type", "string"}};
  if (!names.empty()) schema["enum"] = std::move(names);
  return schema;
}

Json schemas_of(const OpenApiFacts& facts) {
  Json schemas = Json::parse(kSchemas);
  Json codes = Json::array();
  for (const ErrorInfo& info : error_table()) codes.push_back(info.wire_name);
  schemas["ItemError"]["properties"]["code"]["enum"] = codes;
  Json problems = Json::array();
  for (const HttpErrorInfo& info : http_error_table()) problems.push_back(info.wire_name);
  schemas["Problem"]["properties"]["code"]["enum"] = problems;
  schemas["Urls"]["maxItems"] = facts.max_items;
  schemas["ClassifyModel"] = model_names(facts.models, Task::kClassify);
  schemas["DetectModel"] = model_names(facts.models, Task::kDetect);
  schemas["AnyModel"] = {{"anyOf", {schemas["ClassifyModel"], schemas["DetectModel"]}}};
  schemas["InferenceInput"]["properties"]["data"]["maxItems"] = facts.max_items;
  return schemas;
}

}  // namespace

std::string openapi_json(const Router& router, const OpenApiFacts& facts) {
  Json paths = Json::object();
  for (const Route& route : router.routes()) {
    if (!route.described) continue;
    std::string method = route.method;
    std::ranges::transform(method, method.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    paths[route.pattern][method] = operation_of(route, words_of(router.error_style(route.pattern)));
  }
  const Json document = {{"openapi", "3.1.0"},
                         {"info",
                          {{"title", "Curlew"},
                           {"version", facts.version},
                           {"summary", "Image URLs in, labels out."},
                           {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
                         {"servers", {{{"url", "/"}}}},
                         {"security", {Json::object(), {{"key", Json::array()}}}},
                         {"paths", paths},
                         {"components",
                          {{"schemas", schemas_of(facts)},
                           {"responses", error_responses()},
                           {"securitySchemes", {{"key", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
  return document.dump(1);
}

}  // namespace curlew
