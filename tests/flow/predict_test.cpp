#include "curlew/app/predict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "curlew/app/interruption.hpp"
#include "flow/predict_fixture.hpp"

namespace curlew {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Welcomes = PlayedService::Welcomes;

/// Signals go to who listens for them, whatever threads the tests start.
class BlockedSignals : public testing::Environment {
  void SetUp() override { block_signals(); }
};
const auto* const kBlocked = testing::AddGlobalTestEnvironment(new BlockedSignals);

PredictCommand asking(const std::string& urls, OutputFormat format = OutputFormat::kNdjson) {
  PredictCommand command;
  command.urls = urls;
  command.format = format;
  return command;
}

std::string numbered(int count) {
  std::string urls;
  for (int i = 0; i < count; ++i) urls += "http://a.example/" + std::to_string(i) + ", ";
  return urls;
}

PlayedService::Play playing(PlayedCurlew& curlew) {
  return [&curlew](const Call& call, PlayedService& service) { return curlew(call, service); };
}

/// The lines of NDJSON by the items' places.
std::map<int, nlohmann::json> by_index(const std::string& out) {
  std::map<int, nlohmann::json> found;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_TRUE(found.emplace(json["index"].get<int>(), json).second) << "twice: " << line;
  }
  return found;
}

TEST(Predict, SaysWhatIsPublishedEachOnce) {
  PlayedCurlew curlew;
  PlayedService service(Welcomes::kEverybody, playing(curlew));
  const auto run = run_predict(asking(numbered(20)), service.environment());
  EXPECT_EQ(run.status, ExitStatus::kOk);
  const auto lines = by_index(run.out);
  ASSERT_EQ(lines.size(), 20U);
  for (const auto& [index, line] : lines) {
    EXPECT_EQ(line["url"], "http://a.example/" + std::to_string(index));
    EXPECT_EQ(line["predictions"][0]["label"], "label " + std::to_string(index));
  }
  EXPECT_EQ(curlew.replays(), 0U);
  EXPECT_THAT(run.err, HasSubstr("20 pictures: 20 ok, 0 failed"));
  EXPECT_THAT(run.err, Not(HasSubstr("Nothing is published")));
  const auto asked = curlew.asked();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_TRUE(asked[0].subscribed);
  EXPECT_FALSE(asked[0].task || asked[0].model || asked[0].top || asked[0].threshold);
}

TEST(Predict, AsksAgainForWhatWasDropped) {
  PlayedCurlew curlew;
  curlew.publishes = [](std::uint32_t sequence) { return sequence % 3 == 1; };
  PlayedService service(Welcomes::kEverybody, playing(curlew));
  const auto run = run_predict(asking(numbered(20), OutputFormat::kJson), service.environment());
  EXPECT_EQ(run.status, ExitStatus::kOk) << run.err;
  const auto json = nlohmann::json::parse(run.out);
  ASSERT_EQ(json["results"].size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(json["results"][i]["index"], i);
}

TEST(Predict, FindsOutThatNothingArrivesAtAll) {
  PlayedCurlew curlew;
  curlew.publishes = [](std::uint32_t) { return false; };
  PlayedService service(Welcomes::kEverybody, playing(curlew));
  const auto run = run_predict(asking(numbered(7)), service.environment());
  EXPECT_EQ(run.status, ExitStatus::kOk) << run.err;
  EXPECT_EQ(by_index(run.out).size(), 7U);
  EXPECT_EQ(curlew.replays(), 3U) << "pages of three";
}

TEST(Predict, SendsWhatWasGivenAndKeepsBackWhatIsNoText) {
  PlayedCurlew curlew;
  curlew.outcome = [](const std::string&) { return make_http_status_error(404); };
  PlayedService service(Welcomes::kEverybody, playing(curlew));
  auto command = asking("http://a/\xff, http://a/1, http://a/1");
  command.task = Task::kClassify;
  command.model = "birds";
  command.top = 2;
  const auto run = run_predict(command, service.environment());
  EXPECT_EQ(run.status, ExitStatus::kSomeFailed);
  const auto lines = by_index(run.out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines.at(0)["error"]["code"], "url_invalid");
  EXPECT_EQ(lines.at(1)["error"]["http_status"], 404);
  EXPECT_EQ(lines.at(2)["url"], "http://a/1");
  const auto asked = curlew.asked();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].urls.size(), 2U);
  EXPECT_EQ(asked[0].task, Task::kClassify);
  EXPECT_EQ(asked[0].model, "birds");
  EXPECT_EQ(asked[0].top, 2);
}

TEST(Predict, CountsTheResultsOfThePythonServiceByTheirUrls) {
  PlayedService service(Welcomes::kNobody, [](const Call& call, PlayedService& played) -> std::optional<CommandAnswer> {
    const auto& urls = std::get<PredictCall>(call).urls;
    played.publish(python_result("http://others/1", "cat"));
    played.publish(python_error(urls[1], "Failed to fetch image: HTTP error: 404"));
    for (int i = 0; i < 3; ++i) played.publish(python_result(urls[0], "dog " + std::to_string(i)));
    return PredictAnswer{.images = urls.size(), .batch = ""};
  });
  const auto run = run_predict(asking("http://a/1, http://a/2, http://a/1"), service.environment());
  EXPECT_EQ(run.status, ExitStatus::kSomeFailed);
  const auto lines = by_index(run.out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines.at(0)["predictions"],
            nlohmann::json::parse(R"([{"label":"dog 0","score":0.875,"box":[12,34,204,278]}])"));
  EXPECT_EQ(lines.at(1)["error"]["code"], "http_status");
  EXPECT_EQ(lines.at(2)["predictions"][0]["label"], "dog 1");
  EXPECT_FALSE(lines.at(0).contains("model") || lines.at(0).contains("image"));
}

TEST(Predict, WhatHasNoResultInTimeFails) {
  PlayedCurlew curlew;
  curlew.publishes = [](std::uint32_t sequence) { return sequence == 1; };
  curlew.keeps = curlew.publishes;
  PlayedService service(Welcomes::kEverybody, playing(curlew));
  auto command = asking(numbered(2));
  command.timeout_s = 1.5;
  const auto run = run_predict(command, service.environment());
  EXPECT_EQ(run.status, ExitStatus::kSomeFailed);
  const auto lines = by_index(run.out);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines.at(1)["status"], "ok");
  EXPECT_EQ(lines.at(0)["error"]["code"], "timeout");
  EXPECT_EQ(lines.at(0)["error"]["message"], "no result came within 1.5 s");
}

TEST(Predict, AnInterruptionLeavesWhatWasDone) {
  PlayedCurlew curlew;
  curlew.publishes = [](std::uint32_t sequence) { return sequence == 1; };
  PlayedService service(Welcomes::kEverybody,
                        [&](const Call& call, PlayedService& played) -> std::optional<CommandAnswer> {
                          if (std::holds_alternative<PredictCall>(call)) return curlew(call, played);
                          kill(getpid(), SIGINT);
                          return std::nullopt;
                        });
  const auto run = run_predict(asking(numbered(3)), service.environment());
  EXPECT_EQ(run.status, ExitStatus::kInterrupted);
  EXPECT_EQ(by_index(run.out).size(), 1U);
  EXPECT_THAT(run.err, HasSubstr("3 pictures: 1 ok, 0 failed, 2 not done"));
}

void expect_environment_error(const PredictCommand& command, const Environment& environment, const std::string& why) {
  try {
    run_predict(command, environment);
    FAIL() << "it went on";
  } catch (const StartupError& e) {
    EXPECT_EQ(e.status(), ExitStatus::kEnvironment);
    EXPECT_THAT(e.what(), HasSubstr(why));
  }
}

TEST(Predict, ARefusalAndSilenceAreTold) {
  PlayedService refusing(Welcomes::kEverybody,
                         [](const Call&, PlayedService&) { return runtime_error("no such model"); });
  expect_environment_error(asking("http://a/1"), refusing.environment(), "no such model");
  PlayedService silent(Welcomes::kEverybody, [](const Call&, PlayedService&) { return std::nullopt; });
  auto command = asking("http://a/1");
  command.timeout_s = 1;
  expect_environment_error(command, silent.environment(), "curlew service");
}

TEST(Predict, WithoutUrlsThereIsNothingToDo) {
  const auto run = run_predict(asking(" , "), {});
  EXPECT_EQ(run.status, ExitStatus::kOk);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, AllOf(HasSubstr("-u"), HasSubstr("-c")));
}

TEST(Predict, AConfigWithoutSocketsIsAUsageError) {
  try {
    run_predict(asking("http://a/1"), {{"CURLEW_ZMQ_REP_SOCKETS", ""}});
    FAIL();
  } catch (const StartupError& e) {
    EXPECT_EQ(e.status(), ExitStatus::kUsage);
    EXPECT_THAT(e.what(), HasSubstr("zmq.rep_sockets"));
  }
}

}  // namespace
}  // namespace curlew
