#include "curlew/service/service_json.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "curlew/publish/json_encoder.hpp"
#include "unit/service/service_fakes.hpp"

namespace curlew {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

// 2026-01-02T03:04:05.006Z
const CalendarTime kTime{milliseconds(1'767'323'045'006)};

BatchStatus running() {
  return {.id = "0193-id",
          .options = {.task = Task::kDetect, .model = "coco"},
          .phase = BatchStatus::Phase::kRunning,
          .total = 10,
          .done = 4,
          .failed = 2,
          .cancelled = 1,
          .created_at = kTime,
          .ended_at = {},
          .expires_at = kTime + std::chrono::hours(24)};
}

TEST(ServiceJson, ABatchIsOneLine) {
  EXPECT_EQ(batch_json(running()),
            R"({"id":"0193-id","status":"running","task":"detect","model":"coco","total":10,"done":4,"failed":2,)"
            R"("cancelled":1,"created_at":"2026-01-02T03:04:05.006Z","expires_at":"2026-01-03T03:04:05.006Z",)"
            R"("links":{"self":"/v1/batches/0193-id","results":"/v1/batches/0193-id/results",)"
            R"("events":"/v1/batches/0193-id/events"}})");
}

TEST(ServiceJson, ABatchThatEndedSaysWhen) {
  BatchStatus status = running();
  const auto word_of = [&](BatchStatus::Phase phase) {
    status.phase = phase;
    return Json::parse(batch_json(status))["status"].get<std::string>();
  };
  EXPECT_EQ(word_of(BatchStatus::Phase::kQueued), "queued");
  EXPECT_EQ(word_of(BatchStatus::Phase::kDone), "done");
  EXPECT_EQ(word_of(BatchStatus::Phase::kCancelled), "cancelled");
  status.ended_at = kTime + milliseconds(994);
  EXPECT_EQ(Json::parse(batch_json(status))["ended_at"], "2026-01-02T03:04:06.000Z");
}

TEST(ServiceJson, APageNamesTheNextOneWhileThereIsMore) {
  ResultPage page{.results = {{.sequence = 3, .result = fakes::result_of("b", 7)},
                              {.sequence = 4, .result = fakes::result_of("b", 1)}},
                  .status = running()};
  const std::string results = R"({"results": [)" + encode_json(page.results[0].result) + ", " +
                              encode_json(page.results[1].result) + R"(], "next": )";
  EXPECT_EQ(page_json(page), results + "null}") << "four are there, and four were shown";
  page.status.done = 5;
  EXPECT_EQ(page_json(page), results + R"("4"})");
  page.results.clear();
  EXPECT_EQ(page_json(page), R"({"results": [], "next": null})");
}

TEST(ServiceJson, ModelsSayWhereTheyStand) {
  const std::vector<ModelFacts> models = {{.name = "birds",
                                           .title = "Birds",
                                           .licence = "Apache-2.0",
                                           .source = "https://m.example/birds",
                                           .sha256 = "95f5",
                                           .labels = 964,
                                           .state = ModelFacts::State::kReady}};
  EXPECT_EQ(models_json(models),
            R"({"models":[{"name":"birds","task":"classify","title":"Birds","licence":"Apache-2.0",)"
            R"("source":"https://m.example/birds","labels":964,"sha256":"95f5","status":"ready","ready":true}]})");
  EXPECT_EQ(models_json({}), R"({"models":[]})");
  const std::vector<std::pair<ModelFacts::State, std::string>> words = {
      {ModelFacts::State::kIdle, "idle"},
      {ModelFacts::State::kLoading, "loading"},
      {ModelFacts::State::kUnavailable, "unavailable"}};
  for (const auto& [state, word] : words) {
    const std::vector<ModelFacts> one = {{.name = "m", .title = "", .licence = "", .state = state}};
    const auto json = Json::parse(models_json(one))["models"][0];
    EXPECT_EQ(json["status"], word);
    EXPECT_EQ(json["ready"], false);
  }
}

TEST(ServiceJson, ASummaryCounts) {
  RunSummary summary;
  summary.total = 3;
  summary.ok = 1;
  summary.by_code[static_cast<std::size_t>(ErrorCode::kTimeout)] = 1;
  summary.by_code[static_cast<std::size_t>(ErrorCode::kCancelled)] = 1;
  summary.sums.fetch_ms = 1.26;
  summary.total_ms = 2;
  const std::string data = R"({"total":3,"ok":1,"failed":1,"cancelled":1,"timings_ms":{"queue":0.0,"fetch":1.3,)"
                           R"("decode":0.0,"infer":0.0,"total":2.0}})";
  EXPECT_EQ(summary_data(summary), data);
  EXPECT_EQ(summary_json(summary), R"({"summary":)" + data + "}");
}

TEST(ServiceJson, AnEventHasAnIdWhereItCanBeResumedAfter) {
  EXPECT_EQ(event_text("result", 7, "{}"), "id: 7\nevent: result\ndata: {}\n\n");
  EXPECT_EQ(event_text("done", 0, "{}"), "event: done\ndata: {}\n\n");
}

/// Line ends as a reader of events, or one of lines in whatever language, may understand them.
bool is_one_line(const std::string& text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; }) &&
         text.find("\xc2\x85") == std::string::npos;
}

TEST(ServiceJson, NothingThatAClientOrAModelSaysBreaksALineOrAnEvent) {
  const std::vector<std::string> hostile = {"a\n\nevent: done\ndata: {}\n\n",
                                            "a\r\rid: 99\r",
                                            "a\r\nb",
                                            std::string("a\0b", 3),
                                            "\"}], \"next\": \"1",
                                            "\xff\xfe\xc3",
                                            "\xc2\x85next",
                                            "a\x7f\x1b[2J"};
  for (const std::string& text : hostile) {
    ItemResult result = fakes::result_of("b", 0);
    result.url = text;
    result.outcome = Success{
        .model = {.name = text, .sha256 = text},
        .image = {},
        .answer = {.predictions = {{.index = 0, .label = text, .score = 1, .box = {}}}, .background_score = {}}};
    const std::string line = encode_json(result);
    EXPECT_TRUE(is_one_line(line)) << line;
    const std::string event = event_text("result", 1, line);
    EXPECT_EQ(std::ranges::count(event, '\n'), 4) << event;
    EXPECT_EQ(std::ranges::count(event, '\r'), 0) << event;

    BatchStatus status = running();
    status.options.model = text;
    const std::vector<ModelFacts> models = {{.name = text, .title = text, .licence = text, .source = text}};
    for (const std::string& json : {batch_json(status), models_json(models)}) {
      EXPECT_TRUE(Json::accept(json)) << json;
      EXPECT_TRUE(std::ranges::none_of(json, [](unsigned char c) { return c < ' '; })) << json;
    }
    const auto page = page_json({.results = {{.sequence = 1, .result = result}}, .status = running()});
    EXPECT_EQ(Json::parse(page)["results"].size(), 1U);
    EXPECT_EQ(Json::parse(page)["next"], "1");
    EXPECT_TRUE(is_one_line(page));
  }
}

}  // namespace
}  // namespace curlew
