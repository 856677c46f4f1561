#include "curlew/publish/json_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "unit/publish/results.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(JsonEncoder, WritesASuccessAsTheContractHasIt) {
  EXPECT_EQ(encode_json(make_success()),
            R"({"index":0,"url":"https://example.org/bird.jpg","status":"ok",)"
            R"("model":{"name":"birds","sha256":"95f5"},)"
            R"("image":{"width":1080,"height":864,"format":"jpeg","bytes":610995,"sha256":"ab12"},)"
            R"("predictions":[{"index":918,"label":"Phalacrocorax varius varius","score":0.83203},)"
            R"({"index":12,"label":"Microcarbo, the \"little\"","score":0.051}],)"
            R"("timings_ms":{"queue":0.1,"fetch":3.2,"decode":6.9,"infer":3.4,"total":13.7}})");
}

TEST(JsonEncoder, AThumbnailIsADataUrlOfTheImage) {
  ItemResult result = make_success();
  std::get<Success>(result.outcome).image.thumbnail = std::string("\xff\xd8\xff\0", 4);
  EXPECT_THAT(encode_json(result), HasSubstr(R"("sha256":"ab12","thumbnail":"data:image/jpeg;base64,/9j/AA=="})"));
  EXPECT_THAT(encode_json(make_success()), Not(HasSubstr("thumbnail")));
}

TEST(JsonEncoder, LeavesOutAModelAndAPictureOfWhichNothingIsKnown) {
  ItemResult result = make_success();
  auto& success = std::get<Success>(result.outcome);
  success.model = {};
  success.image = {};
  success.answer.predictions = {{.index = -1, .label = "dog", .score = 0.5F, .box = {}}};
  result.timings = {};
  EXPECT_EQ(encode_json(result), R"({"index":0,"url":"https://example.org/bird.jpg","status":"ok",)"
                                 R"("predictions":[{"label":"dog","score":0.5}],)"
                                 R"("timings_ms":{"queue":0.0,"fetch":0.0,"decode":0.0,"infer":0.0,"total":0.0}})");
}

TEST(JsonEncoder, WritesAnErrorAsTheContractHasIt) {
  EXPECT_EQ(encode_json(make_failure(make_http_status_error(404))),
            R"({"index":1,"url":"https://example.org/404.jpg","status":"error",)"
            R"("error":{"code":"http_status","message":"the origin answered 404","http_status":404,"retryable":false},)"
            R"("timings_ms":{"queue":0.0,"fetch":0.0,"decode":0.0,"infer":0.0,"total":0.0}})");
}

TEST(JsonEncoder, HasAStatusOnlyWhereTheOriginGaveOne) {
  const std::string json = encode_json(make_failure(make_error(ErrorCode::kTimeout, "too slow")));
  EXPECT_THAT(json, HasSubstr(R"("error":{"code":"timeout","message":"too slow","retryable":true})"));
}

TEST(JsonEncoder, PutsTheBackgroundBesideTheList) {
  EXPECT_THAT(encode_json(make_success()), Not(HasSubstr("background")));
  ItemResult result = make_success();
  std::get<Success>(result.outcome).answer.background_score = 0.875F;
  EXPECT_THAT(encode_json(result), HasSubstr(R"(],"background":true,"background_score":0.875,"timings_ms")"));
}

TEST(JsonEncoder, GivesABoxItsFourNumbers) {
  ItemResult result = make_success();
  std::get<Success>(result.outcome).answer.predictions[0].box = Box{.x1 = 0.5F, .y1 = 1.234F, .x2 = 30, .y2 = 40};
  EXPECT_THAT(encode_json(result), HasSubstr(R"("score":0.83203,"box":[0.5,1.23,30.0,40.0]})"));
}

TEST(JsonEncoder, KeepsSmallScoresApart) {
  ItemResult result = make_success();
  std::get<Success>(result.outcome).answer.predictions[1].score = 0.000012345678F;
  const auto json = nlohmann::json::parse(encode_json(result));
  EXPECT_EQ(json["predictions"][1]["score"], 0.000012346);
}

TEST(JsonEncoder, NeverWritesWhatIsNoNumber) {
  ItemResult result = make_success();
  std::get<Success>(result.outcome).answer.predictions[0].score = std::numeric_limits<float>::quiet_NaN();
  result.timings.total_ms = std::numeric_limits<double>::infinity();
  const auto json = nlohmann::json::parse(encode_json(result));
  EXPECT_EQ(json["predictions"][0]["score"], 0.0);
  EXPECT_EQ(json["timings_ms"]["total"], 0.0);
}

TEST(JsonEncoder, LetsNoControlCharacterThroughAndLosesNone) {
  const std::string url = "https://a/\x1b[31m\x7f\xc2\x9b\xc2\x85\n\xc3\xa9";
  const std::string json = encode_json(make_success(url));
  EXPECT_THAT(json, Not(HasSubstr("\x1b")));
  EXPECT_THAT(json, Not(HasSubstr("\x7f")));
  EXPECT_THAT(json, Not(HasSubstr("\xc2\x9b")));
  EXPECT_THAT(json, HasSubstr("\xc3\xa9"));
  EXPECT_EQ(nlohmann::json::parse(json)["url"], url);
}

TEST(JsonEncoder, AnyBytesGiveOneLineThatParses) {
  std::mt19937 random(11);
  for (int round = 0; round < 3'000; ++round) {
    std::string bytes;
    for (auto length = random() % 30; length > 0; --length) bytes += static_cast<char>(random() % 256);
    ItemResult result = make_success(bytes);
    std::get<Success>(result.outcome).answer.predictions[0].label = bytes;
    const std::string line = encode_ndjson(result);
    ASSERT_EQ(line.find('\n'), line.size() - 1);
    ASSERT_TRUE(nlohmann::json::accept(line)) << line;
    ASSERT_TRUE(nlohmann::json::accept(encode_json(make_failure(make_error(ErrorCode::kInternal, bytes), bytes))));
  }
}

TEST(JsonEncoder, WritesAsASerialiserWouldWriteTheSameValues) {
  std::mt19937 random(31);
  const auto real = [&random](double most) { return std::uniform_real_distribution<double>(0, most)(random); };
  for (int round = 0; round < 3'000; ++round) {
    ItemResult result = round % 2 == 0 ? make_success(
                                             "https://b\xc3\xbc"
                                             "cher.test/\"")
                                       : make_detection();
    auto& success = std::get<Success>(result.outcome);
    for (Prediction& prediction : success.answer.predictions) {
      prediction.score = static_cast<float>(std::round(real(4)) / 4);  // the serialiser writes some decimals long
      if (auto& box = prediction.box) box->x2 = static_cast<float>(real(16384));
    }
    if (round % 3 == 0) success.answer.background_score = 0.25F;
    if (round % 5 == 0) success.answer.predictions.clear();
    result.timings = {real(1e5), real(1e4), real(100), real(1), real(1e6)};
    const std::string line = encode_json(result);
    ASSERT_EQ(nlohmann::ordered_json::parse(line).dump(), line);
  }
}

TEST(JsonEncoder, PutsAWholeRunIntoOneObject) {
  const std::vector<ItemResult> results = {make_success(), make_failure(make_http_status_error(503))};
  RunSummary summary{.total = 2, .total_ms = 150.26, .model_ms = 100};
  for (const ItemResult& result : results) summary.add(result);
  const auto json = nlohmann::ordered_json::parse(encode_json_run(results, summary));
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json["results"].size(), 2U);
  EXPECT_EQ(json["results"][1]["error"]["retryable"], true);
  EXPECT_EQ(json["timings_ms"].dump(),
            R"({"model":100.0,"queue":0.1,"fetch":3.2,"decode":6.9,"infer":3.4,"total":150.3})");
}

TEST(JsonEncoder, ARunWithoutResultsIsAnObjectToo) {
  EXPECT_EQ(nlohmann::json::parse(encode_json_run({}, {}))["results"].size(), 0U);
}

}  // namespace
}  // namespace curlew
