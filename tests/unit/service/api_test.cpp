#include "curlew/service/api.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <semaphore>

#include "unit/service/api_fixture.hpp"

namespace curlew {
namespace {

using fakes::FakeReply;
using fakes::FakeService;
using fakes::json_request;
using Json = nlohmann::json;

constexpr const char* kTwo = R"({"urls": ["http://a.example/0", "http://a.example/1"]})";

std::string code_of(const FakeReply& reply) { return Json::parse(reply.text()).value("code", "none"); }

HttpRequest accepting(const std::string& media, std::string body = kTwo) {
  HttpRequest request = json_request(std::move(body));
  request.headers.add("Accept", media);
  return request;
}

HttpRequest url_query() {
  HttpRequest request;
  request.query = {{"url", "http://a.example/0"}};
  return request;
}

TEST(Api, AListIsAnsweredInItsOrder) {
  FakeService service;
  const auto reply = std::make_shared<FakeReply>();
  service.ask("POST", "/v1/classify", json_request(kTwo), reply);
  service.settle();
  const auto claim = [&] {
    return service.backend().direct_source().claim([](const std::string&) { return true; }).value();
  };
  const Item first = claim();
  const Item second = claim();
  for (const Item& item : {second, first}) {
    service.backend().deliver({.batch = item.batch,
                               .index = item.index,
                               .url = item.text,
                               .outcome = make_error(ErrorCode::kTimeout, ""),
                               .timings = {}});
  }
  reply->wait_until_ended();
  EXPECT_EQ(reply->status(), 200);
  EXPECT_FALSE(reply->header("Server-Timing").empty());
  const Json answer = Json::parse(reply->text());
  ASSERT_EQ(answer["results"].size(), 2U);
  EXPECT_EQ(answer["results"][0]["url"], "http://a.example/0");
  EXPECT_TRUE(answer["timings_ms"].contains("total"));
}

TEST(Api, AStreamHasEachResultAndThenTheSummary) {
  for (const std::string media : {"application/x-ndjson", "text/event-stream"}) {
    FakeService service;
    const auto reply = std::make_shared<FakeReply>();
    service.ask("POST", "/v1/detect", accepting(media), reply);
    service.settle();
    EXPECT_EQ(reply->header("Content-Type"), media);
    service.work();
    reply->wait_until_ended();
    const std::string text = reply->text();
    if (media == "text/event-stream") {
      EXPECT_TRUE(text.starts_with("id: 1\nevent: result\ndata: {")) << text;
      EXPECT_NE(text.find("\n\nevent: summary\ndata: {\"total\":2"), std::string::npos) << text;
    } else {
      EXPECT_EQ(std::ranges::count(text, '\n'), 3) << text;
      EXPECT_NE(text.find("\n{\"summary\":{\"total\":2"), std::string::npos) << text;
    }
  }
}

TEST(Api, ASlowReaderGetsEverythingInTheEnd) {
  FakeService service;
  const auto slow = std::make_shared<FakeReply>(/*room=*/1);
  service.ask("POST", "/v1/classify", accepting("application/x-ndjson"), slow);
  service.settle();
  service.work();
  slow->wait_for_text("\"index\":0");
  EXPECT_FALSE(slow->ended());
  slow->read();
  slow->wait_for_text("\"index\":1");
  slow->read();
  slow->wait_until_ended();
  EXPECT_NE(slow->text().find("summary"), std::string::npos);
}

TEST(Api, WhatAClientThatHasGoneAskedForIsCancelledAndItsAnswerFreed) {
  for (const std::string media : {"application/json", "application/x-ndjson", "text/event-stream"}) {
    FakeService service;
    auto reply = std::make_shared<FakeReply>();
    const std::weak_ptr<FakeReply> weak = reply;
    service.ask("POST", "/v1/classify", accepting(media), reply);
    service.settle();
    EXPECT_EQ(service.backend().direct().counts().waiting_items, 2U);
    reply->go();
    service.settle();
    EXPECT_EQ(service.backend().direct().counts().open_batches, 0U);
    EXPECT_EQ(service.backend().direct_news().listeners(), 0U);
    reply.reset();
    service.settle();
    EXPECT_TRUE(weak.expired()) << media;
  }
}

TEST(Api, AClientThatWentBeforeItsRequestWasReadCostsNoWork) {
  FakeService service;
  auto reply = std::make_shared<FakeReply>();
  const std::weak_ptr<FakeReply> weak = reply;
  reply->go();
  service.ask("POST", "/v1/classify", accepting("text/event-stream"), reply);
  reply.reset();
  service.settle();
  service.settle();
  EXPECT_EQ(service.backend().direct().counts().open_batches, 0U);
  EXPECT_EQ(service.backend().direct_news().listeners(), 0U);
  EXPECT_TRUE(weak.expired());
}

TEST(Api, APictureIsABodyOfItsOwn) {
  FakeService service;
  HttpRequest request;
  request.content_type = {.type = "image", .subtype = "png"};
  request.body = "bytes";
  request.query = {{"top", "5"}};
  const auto reply = std::make_shared<FakeReply>();
  service.ask("POST", "/v1/classify", std::move(request), reply);
  service.settle();
  const auto item = service.backend().direct_source().claim([](const std::string&) { return true; });
  ASSERT_TRUE(item);
  EXPECT_EQ(item->top, 5);
  EXPECT_EQ(std::get<Upload>(item->source).bytes->size(), 5U);
  reply->go();
}

TEST(Api, ABatchIsKeptShownReadAndCancelled) {
  FakeService service;
  const auto created = service.ask("POST", "/v1/batches", json_request(kTwo));
  EXPECT_EQ(created->status(), 202);
  const std::string self = created->header("Location");
  EXPECT_EQ(Json::parse(created->text())["links"]["self"], self);
  EXPECT_EQ(Json::parse(service.ask("GET", self)->text())["status"], "queued");
  fakes::complete(service.backend().kept(), Json::parse(created->text())["id"], 1);
  HttpRequest page;
  page.query = {{"limit", "1"}, {"cursor", "0"}};
  EXPECT_EQ(Json::parse(service.ask("GET", self + "/results", page)->text())["results"][0]["index"], 1);
  page.query = {{"limit", "0"}};
  EXPECT_EQ(code_of(*service.ask("GET", self + "/results", page)), "invalid_request");
  EXPECT_EQ(Json::parse(service.ask("DELETE", self)->text())["status"], "cancelled");
  for (const std::string path : {"", "/results", "/events"}) {
    EXPECT_EQ(service.ask("GET", "/v1/batches/none" + path)->status(), 404) << path;
  }
  EXPECT_EQ(service.ask("DELETE", "/v1/batches/none")->status(), 404);
}

TEST(Api, AKeyBringsTheSameBatchAndNoOther) {
  FakeService service;
  const auto ask = [&](const std::string& key, const std::string& body, const std::string& client) {
    HttpRequest request = json_request(body);
    request.headers.add("Idempotency-Key", key);
    if (!client.empty()) request.headers.add("Authorization", client);
    return service.ask("POST", "/v1/batches", std::move(request));
  };
  const auto first = ask("k", kTwo, "");
  const auto again = ask("k", kTwo, "");
  EXPECT_EQ(first->header("Idempotency-Replayed"), "");
  EXPECT_EQ(again->header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again->header("Location"), first->header("Location"));
  EXPECT_EQ(ask("k", R"({"urls": ["http://other.example/"]})", "")->status(), 422);
  const std::string with_thumbnails = std::string(kTwo).insert(1, R"("thumbnail": true, )");
  EXPECT_EQ(ask("k", with_thumbnails, "")->status(), 422);
  EXPECT_EQ(ask("thumbnails", with_thumbnails, "")->status(), 202);
  EXPECT_NE(ask("k", kTwo, "Bearer other")->header("Location"), first->header("Location"));
  for (const std::string& wrong : {std::string(), std::string("a b"), std::string(256, 'k'), std::string("\xc3\xa9")}) {
    EXPECT_EQ(ask(wrong, kTwo, "")->status(), 400) << wrong;
  }
}

TEST(Api, EventsAreResumedAfterTheLastOneAndEndWithDone) {
  FakeService service;
  const auto batch = fakes::create(service.backend().kept(), 3);
  const std::string path = "/v1/batches/" + batch + "/events";
  fakes::complete(service.backend().kept(), batch, 2);
  const auto from_start = std::make_shared<FakeReply>();
  service.ask("GET", path, {}, from_start);
  from_start->wait_for_text("id: 1\n");
  for (const std::uint32_t index : {0U, 1U}) fakes::complete(service.backend().kept(), batch, index);
  from_start->wait_until_ended();
  const std::string text = from_start->text();
  EXPECT_TRUE(text.starts_with("retry: 1000\n\nid: 1\nevent: result\n")) << text;
  EXPECT_NE(text.find("id: 3\n"), std::string::npos);
  EXPECT_NE(text.find("\n\nevent: done\ndata: {\"id\":\"" + batch), std::string::npos);

  const std::vector<std::pair<std::string, std::size_t>> resumed = {{"2", 1}, {"3", 0}, {"x", 3}, {"-1", 3}, {"", 3}};
  for (const auto& [id, events] : resumed) {
    HttpRequest request;
    request.headers.add("Last-Event-ID", id);
    const std::string rest = service.ask("GET", path, std::move(request))->text();
    std::size_t count = 0;
    for (auto at = rest.find("event: result"); at != std::string::npos; at = rest.find("event: result", at + 1))
      ++count;
    EXPECT_EQ(count, events) << id;
    EXPECT_NE(rest.find("event: done"), std::string::npos) << id;
  }
}

TEST(Api, EventsOfAClientThatHasGoneAreFreedAndTheBatchGoesOn) {
  FakeService service;
  const auto batch = fakes::create(service.backend().kept(), 2);
  auto reply = std::make_shared<FakeReply>();
  const std::weak_ptr<FakeReply> weak = reply;
  service.ask("GET", "/v1/batches/" + batch + "/events", {}, reply);
  service.settle();
  EXPECT_EQ(service.backend().kept_news().listeners(), 1U);
  reply->go();
  reply.reset();
  service.settle();
  EXPECT_EQ(service.backend().kept_news().listeners(), 0U);
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(service.backend().kept().counts().waiting_items, 2U);
}

TEST(Api, AStreamThatItsStoreCannotGoOnWithIsBrokenOffAndNotEnded) {
  std::atomic<CalendarTime> time = CalendarTime{};
  FakeService service(ServiceState::Phase::kReady, [&] { return time.load(); });
  JobStore& store = service.backend().kept();
  const auto batch = fakes::create(store, 1);
  auto slow = std::make_shared<FakeReply>(/*room=*/0);
  const std::weak_ptr<FakeReply> weak = slow;
  service.ask("GET", "/v1/batches/" + batch + "/events", {}, slow);
  service.settle();
  time = time.load() + std::chrono::hours(25);
  ASSERT_TRUE(store.expire());
  slow->wait_for_text("\"code\":\"expired\"");
  service.settle_news();  // now it waits for room
  time = time.load() + 2 * kLastLook;
  ASSERT_TRUE(store.expire());
  slow->read();  // room for the rest, but there is no batch any more
  service.backend().kept_news().wait_until_nobody_listens(now() + std::chrono::hours(1));
  EXPECT_FALSE(slow->ended());
  slow.reset();
  service.settle();
  EXPECT_TRUE(weak.expired());
}

TEST(Api, NewWorkIsRefusedBeforeItIsReadyAndWhileItDrains) {
  FakeService service(ServiceState::Phase::kStarting);
  const std::string batch = "/v1/batches/" + fakes::create(service.backend().kept(), 1);
  const auto work = [&](const std::string& code) {
    EXPECT_EQ(code_of(*service.ask("POST", "/v1/batches", json_request(kTwo))), code);
    EXPECT_EQ(code_of(*service.ask("POST", "/v1/classify", json_request(kTwo))), code);
    EXPECT_EQ(code_of(*service.ask("GET", "/v1/classify", url_query())), code);
    EXPECT_EQ(code_of(*service.ask("GET", "/v1/detect", url_query())), code);
    EXPECT_EQ(service.ask("GET", batch)->status(), 200) << "what reads goes on";
    EXPECT_EQ(service.ask("GET", batch + "/results")->status(), 200);
    EXPECT_EQ(service.ask("GET", "/v1/models")->status(), 200);
    EXPECT_EQ(service.ask("GET", "/livez")->status(), 200);
    EXPECT_EQ(service.ask("GET", "/readyz")->status(), 503);
  };
  work("starting");
  service.state().become_ready();
  EXPECT_EQ(service.ask("GET", "/readyz")->status(), 200);
  service.state().begin_drain();
  work("draining");
  service.state().become_ready();
  work("draining");
}

TEST(Api, WhatWaitedWhileTheDrainBeganIsRefusedToo) {
  FakeService service;
  std::binary_semaphore go_on(0);
  service.errands().run([&] { go_on.acquire(); });
  const auto reply = std::make_shared<FakeReply>();
  service.ask("POST", "/v1/classify", json_request(kTwo), reply);
  service.state().begin_drain();
  go_on.release();
  reply->wait_until_ended();
  EXPECT_EQ(code_of(*reply), "draining");
  EXPECT_EQ(service.backend().direct().counts().open_batches, 0U);
}

TEST(Api, TooManyRequestsAreRefusedAtOnce) {
  FakeService service;
  std::binary_semaphore begun(0);
  std::binary_semaphore go_on(0);
  service.errands().run([&] {
    begun.release();
    go_on.acquire();
  });
  begun.acquire();
  std::vector<std::shared_ptr<FakeReply>> waiting;
  for (int i = 0; i < 16; ++i) {
    waiting.push_back(std::make_shared<FakeReply>());
    service.ask("GET", "/v1/models", {}, waiting.back());
  }
  EXPECT_EQ(code_of(*service.ask("GET", "/v1/models")), "full");
  EXPECT_EQ(service.ask("GET", "/livez")->status(), 200) << "probes need nobody";
  go_on.release();
  for (const auto& reply : waiting) reply->wait_until_ended();
}

TEST(Api, WhatNoAnswerFitsIsNotAcceptable) {
  FakeService service;
  EXPECT_EQ(service.ask("POST", "/v1/classify", accepting("image/png"))->status(), 406);
  EXPECT_EQ(service.backend().direct().counts().open_batches, 0U);
}

TEST(Api, AStoreInTroubleIsSaidByTheProbeWithoutItsPath) {
  const auto problem = problem_of({.code = StoreError::Code::kUnavailable, .message = "/var/lib/x: disk full"});
  EXPECT_EQ(problem.code, HttpErrorCode::kStoreUnavailable);
  EXPECT_EQ(problem.detail.find("/var"), std::string::npos);
  const std::vector<std::pair<StoreError::Code, int>> statuses = {
      {StoreError::Code::kNotFound, 404},    {StoreError::Code::kExpired, 410},     {StoreError::Code::kFull, 503},
      {StoreError::Code::kKeyReused, 422},   {StoreError::Code::kKeyInFlight, 409}, {StoreError::Code::kInUse, 503},
      {StoreError::Code::kUnavailable, 503},
  };
  for (const auto& [code, status] : statuses) EXPECT_EQ(problem_of({.code = code, .message = ""}).status(), status);
}

}  // namespace
}  // namespace curlew
