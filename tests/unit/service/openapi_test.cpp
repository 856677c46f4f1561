#include "curlew/service/openapi.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "unit/service/api_fixture.hpp"

namespace curlew {
namespace {

using Json = nlohmann::json;

/// What a client gets.
Json description_of(fakes::FakeService& service) { return Json::parse(service.ask("GET", "/openapi.json")->text()); }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

TEST(OpenApi, HasEachRouteOfTheTableWithItsParametersBodiesAndAnswers) {
  fakes::FakeService service;
  const Router& router = service.router();
  const Json document = description_of(service);
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["info"]["version"], "1.2.3");
  std::size_t operations = 0;
  for (const auto& [path, methods] : document["paths"].items()) operations += methods.size();
  EXPECT_EQ(operations, static_cast<std::size_t>(std::ranges::count(router.routes(), true, &Route::described)));
  std::set<std::string> names;
  for (const Route& route : router.routes()) {
    if (!route.described) continue;
    const std::string where = route.method + " " + route.pattern;
    ASSERT_TRUE(document["paths"].contains(route.pattern)) << where;
    const Json& operation = document["paths"][route.pattern][lower(route.method)];
    EXPECT_EQ(operation["operationId"], route.name) << where;
    EXPECT_TRUE(names.insert(route.name).second) << where << ": an operationId is there once";
    EXPECT_FALSE(route.summary.empty()) << where;
    EXPECT_EQ(operation.contains("security"), !route.needs_key) << where << ": only what needs no key says so";
    EXPECT_TRUE(operation["responses"].contains("default")) << where;
    std::set<std::string> described;
    const std::size_t count = operation.contains("parameters") ? operation["parameters"].size() : 0;
    ASSERT_EQ(count, route.parameters.size()) << where;
    for (std::size_t i = 0; i < count; ++i) {
      const Json& parameter = operation["parameters"][i];
      EXPECT_EQ(parameter["name"], route.parameters[i].name) << where;
      EXPECT_EQ(parameter["required"], route.parameters[i].required) << where;
      EXPECT_TRUE(parameter["schema"].is_object()) << where;
      if (parameter["in"] == "path") described.insert("{" + route.parameters[i].name + "}");
    }
    std::set<std::string> in_path;
    for (auto at = route.pattern.find('{'); at != std::string::npos; at = route.pattern.find('{', at + 1)) {
      in_path.insert(route.pattern.substr(at, route.pattern.find('}', at) + 1 - at));
    }
    EXPECT_EQ(described, in_path) << where;
    for (const BodyRule& body : route.bodies) {
      EXPECT_TRUE(operation["requestBody"]["content"].contains(body.media)) << where << ' ' << body.media;
    }
    ASSERT_FALSE(route.answers.empty()) << where;
    for (const RouteAnswer& answer : route.answers) {
      ASSERT_TRUE(operation["responses"].contains(std::to_string(answer.status))) << where << ' ' << answer.status;
      const Json& response = operation["responses"][std::to_string(answer.status)];
      EXPECT_TRUE(response.contains("description") || response.contains("$ref")) << where;
      if (!answer.media.empty()) {
        EXPECT_TRUE(response["content"].contains(answer.media)) << where;
      }
    }
  }
}

void expect_references_resolve(const Json& document, const Json& value) {
  if (value.is_object()) {
    if (const auto reference = value.find("$ref"); reference != value.end()) {
      const auto text = reference->get<std::string>();
      ASSERT_TRUE(text.starts_with("#/")) << text;
      EXPECT_TRUE(document.contains(Json::json_pointer(text.substr(1)))) << text;
    }
  }
  if (value.is_structured()) {
    for (const auto& member : value) expect_references_resolve(document, member);
  }
}

TEST(OpenApi, EachReferenceResolves) {
  fakes::FakeService service;
  const Json document = description_of(service);
  expect_references_resolve(document, document);
  EXPECT_EQ(document["components"]["schemas"]["ItemError"]["properties"]["code"]["enum"].size(), 19U);
}

TEST(OpenApi, SaysThatAKeyMayBeNeeded) {
  fakes::FakeService service;
  const Json document = description_of(service);
  EXPECT_EQ(document["servers"], Json::parse(R"([{"url": "/"}])"));
  EXPECT_EQ(document["security"], Json::parse(R"([{}, {"key": []}])"));
  EXPECT_EQ(document["components"]["securitySchemes"]["key"]["scheme"], "bearer");
  for (const HttpErrorInfo& info : http_error_table()) {
    const Json& problem = document["components"]["responses"]["Problem" + std::to_string(info.status)];
    const auto text = problem["description"].get<std::string>();
    EXPECT_NE(text.find("`" + std::string(info.wire_name) + "`"), std::string::npos) << info.wire_name;
    EXPECT_TRUE(problem["content"].contains("application/problem+json")) << info.wire_name;
  }
}

TEST(OpenApi, ErrorsOfTheInferenceProtocolAreDescribedAsItHasThem) {
  fakes::FakeService service;
  const Json document = description_of(service);
  const Json& responses = document["paths"]["/v2/models/{model}/infer"]["post"]["responses"];
  for (const char* status : {"400", "401", "404", "413", "415", "422", "503"}) {
    EXPECT_EQ(responses[status]["$ref"], std::string("#/components/responses/InferenceError") + status);
    const Json& response = document["components"]["responses"][std::string("InferenceError") + status];
    EXPECT_EQ(response["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/InferenceError");
  }
  EXPECT_EQ(responses["default"]["$ref"], "#/components/responses/InferenceError");
  EXPECT_EQ(document["components"]["responses"]["InferenceError503"]["headers"].count("Retry-After"), 1U);
}

TEST(OpenApi, NamesTheModelsOfEachTaskAndTheLongestList) {
  const auto models = fakes::FakeBoard().models();
  const Json document = Json::parse(openapi_json(Router(), {.version = "1", .max_items = 7, .models = models}));
  const Json& schemas = document["components"]["schemas"];
  EXPECT_EQ(schemas["ClassifyModel"]["enum"], Json::parse(R"(["birds"])")) << "not the one that is not to be had";
  EXPECT_EQ(schemas["DetectModel"]["enum"], Json::parse(R"(["coco"])"));
  EXPECT_EQ(schemas["Urls"]["maxItems"], 7);
  EXPECT_TRUE(document["paths"].empty());
  const Json bare = Json::parse(openapi_json(Router(), {.version = "1", .models = {}}));
  EXPECT_FALSE(bare["components"]["schemas"]["ClassifyModel"].contains("enum")) << "an empty one would allow nothing";
}

}  // namespace
}  // namespace curlew
