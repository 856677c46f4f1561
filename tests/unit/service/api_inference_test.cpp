#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "unit/service/api_fixture.hpp"

namespace curlew {
namespace {

using fakes::FakeReply;
using fakes::FakeService;
using fakes::json_request;
using Json = nlohmann::json;

constexpr const char* kOne =
    R"({"id": "x", "parameters": {"top": 2}, "inputs": [
        {"name": "image", "datatype": "BYTES", "shape": [2], "data": ["Zm9v", "http://a.example/b"]}]})";
constexpr const char* kBirds = "/v2/models/birds/infer";

std::optional<Item> claim(FakeService& service) {
  return service.backend().direct_source().claim([](const std::string&) { return true; });
}

void see(FakeService& service, const Item& item, const std::string& label) {
  Success success;
  success.answer.predictions = {{.index = 0, .label = label, .score = 0.5F, .box = {}}};
  service.backend().deliver(
      {.batch = item.batch, .index = item.index, .url = item.text, .outcome = std::move(success), .timings = {}});
}

TEST(InferenceApi, PicturesAndUrlsAreWorkedOnTogether) {
  FakeService service;
  const auto reply = std::make_shared<FakeReply>();
  service.ask("POST", kBirds, json_request(kOne), reply);
  service.settle();
  const auto first = claim(service);
  const auto second = claim(service);
  ASSERT_TRUE(first && second);
  const Item& picture = first->index == 0 ? *first : *second;
  const Item& url = first->index == 0 ? *second : *first;
  EXPECT_EQ(picture.model, "birds");
  EXPECT_EQ(picture.top, 2);
  EXPECT_EQ(std::get<Upload>(picture.source).bytes->size(), 3U);
  EXPECT_TRUE(std::holds_alternative<Url>(url.source));
  see(service, url, "second");
  see(service, picture, "first");
  reply->wait_until_ended();
  EXPECT_EQ(reply->status(), 200);
  EXPECT_EQ(reply->header("Content-Type"), "application/json");
  EXPECT_FALSE(reply->header("Server-Timing").empty());
  const Json answer = Json::parse(reply->text());
  EXPECT_EQ(answer["id"], "x");
  EXPECT_EQ(answer["outputs"][0]["data"], Json::parse(R"(["first", "", "second", ""])"));
}

TEST(InferenceApi, BinaryOutputsSayHowLongTheJsonIs) {
  FakeService service;
  HttpRequest request;
  request.headers.add("Inference-Header-Content-Length", "0");
  request.body = "bytes";
  const auto reply = std::make_shared<FakeReply>();
  service.ask("POST", "/v2/models/birds/versions/1/infer", std::move(request), reply);
  service.settle();
  see(service, claim(service).value(), "kiwi");
  reply->wait_until_ended();
  EXPECT_EQ(reply->status(), 200);
  EXPECT_EQ(reply->header("Content-Type"), "application/octet-stream");
  const auto head = std::stoul(reply->header("Inference-Header-Content-Length"));
  EXPECT_EQ(Json::parse(reply->text().substr(0, head))["model_name"], "birds");
}

TEST(InferenceApi, WhereEveryPictureFailsTheRequestDoes) {
  FakeService service;
  const auto reply = std::make_shared<FakeReply>();
  service.ask("POST", kBirds, json_request(kOne), reply);
  service.settle();
  service.work();
  reply->wait_until_ended();
  EXPECT_EQ(reply->status(), 422);
}

TEST(InferenceApi, WhatAClientThatHasGoneAskedForIsCancelled) {
  FakeService service;
  const auto reply = std::make_shared<FakeReply>();
  service.ask("POST", kBirds, json_request(kOne), reply);
  service.settle();
  EXPECT_EQ(service.backend().direct().counts().waiting_items, 2U);
  reply->go();
  service.settle();
  EXPECT_EQ(service.backend().direct().counts().open_batches, 0U);
  EXPECT_EQ(service.backend().open_uploads(), 0U);
}

TEST(InferenceApi, RefusesWhatCannotBeAskedFor) {
  FakeService service;
  const auto status = [&](const std::string& path, HttpRequest request) {
    return service.ask("POST", path, std::move(request))->status();
  };
  EXPECT_EQ(status("/v2/models/none/infer", json_request(kOne)), 404);
  EXPECT_EQ(status("/v2/models/birds/versions/2/infer", json_request(kOne)), 404);
  EXPECT_EQ(status("/v2/models/lost/infer", json_request(kOne)), 503);
  EXPECT_EQ(status(kBirds, json_request("{}")), 422);
  EXPECT_EQ(status(kBirds, json_request("")), 400);
  HttpRequest lying = json_request(kOne);
  lying.headers.add("Inference-Header-Content-Length", "a");
  EXPECT_EQ(status(kBirds, lying), 400);
  lying = json_request(kOne);
  lying.headers.add("Inference-Header-Content-Length", "10");
  lying.headers.add("Inference-Header-Content-Length", "10");
  EXPECT_EQ(status(kBirds, lying), 400) << "twice";
  FakeService starting(ServiceState::Phase::kStarting);
  EXPECT_EQ(starting.ask("POST", kBirds, json_request(kOne))->status(), 503);
}

TEST(InferenceApi, SaysWhatIsReady) {
  FakeService service;
  const auto status = [&](const std::string& path) { return service.ask("GET", path)->status(); };
  EXPECT_EQ(status("/v2/health/live"), 200);
  EXPECT_EQ(status("/v2/health/ready"), 200);
  EXPECT_EQ(status("/v2/models/birds/ready"), 200);
  EXPECT_EQ(status("/v2/models/birds/versions/1/ready"), 200);
  EXPECT_EQ(status("/v2/models/birds/versions/2/ready"), 404);
  EXPECT_EQ(status("/v2/models/lost/ready"), 503);
  EXPECT_EQ(status("/v2/models/none/ready"), 404);
  service.state().begin_drain();
  EXPECT_EQ(status("/v2/health/live"), 200);
  EXPECT_EQ(status("/v2/health/ready"), 503);
  EXPECT_EQ(status("/v2/models/birds/ready"), 503);
  FakeService starting(ServiceState::Phase::kStarting);
  EXPECT_EQ(starting.ask("GET", "/v2/health/ready")->status(), 503);
}

TEST(InferenceApi, SaysWhatThereIs) {
  FakeService service;
  const auto answer = [&](const std::string& path) { return Json::parse(service.ask("GET", path)->text()); };
  EXPECT_EQ(answer("/v2"), Json::parse(R"({"name": "curlew", "version": "1.2.3",
                                           "extensions": ["binary_tensor_data", "parameters"]})"));
  EXPECT_EQ(answer("/v2/models"), Json::parse(R"({"models": ["birds", "coco", "lost"]})"));
  EXPECT_EQ(answer("/v2/models/coco")["outputs"].size(), 4U);
  EXPECT_EQ(answer("/v2/models/birds/versions/1")["name"], "birds");
  EXPECT_EQ(service.ask("GET", "/v2/models/none")->status(), 404);
}

TEST(InferenceApi, AllButHealthIsGuardedAndErrorsAreThoseOfTheProtocol) {
  FakeService service;
  for (const Route& route : service.router().routes()) {
    if (!route.pattern.starts_with("/v2")) continue;
    const bool is_health = route.pattern.starts_with("/v2/health/");
    EXPECT_EQ(route.needs_key, !is_health) << route.pattern;
    EXPECT_EQ(route.counts_for_rate, !is_health) << route.pattern;
    EXPECT_EQ(service.router().error_style(route.pattern), ErrorStyle::kInferenceProtocol) << route.pattern;
  }
}

}  // namespace
}  // namespace curlew
