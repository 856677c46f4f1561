#include "curlew/wire/result_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "unit/wire/frames.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

ItemResult make_success() {
  Success success{
      .model = {.name = "coco", .sha256 = "95f5"},
      .image = {.width_px = 640, .height_px = 480, .format = PictureFormat::kWebp, .bytes = 12345, .sha256 = "ab12"},
      .answer = {}};
  success.answer.predictions = {
      {.index = 17, .label = "dog", .score = 1.0F, .box = Box{.x1 = 12, .y1 = 34, .x2 = 156, .y2 = 278}},
      {.index = 0, .label = "person", .score = 0.87F, .box = Box{.x1 = 0, .y1 = 0, .x2 = 639, .y2 = 479}}};
  return {.batch = "0190-batch",
          .index = 3,
          .url = "http://a/3.jpg",
          .outcome = success,
          .timings = {.queue_ms = 0.5, .fetch_ms = 1, .decode_ms = 2.25, .infer_ms = 3, .total_ms = 7}};
}

ItemResult make_failure(Error error) {
  ItemResult result = make_success();
  result.outcome = std::move(error);
  return result;
}

Json written(const ItemResult& result) { return data_of(write_result(result, 4, 9)); }

std::vector<std::string> keys_of(const Json& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map.items()) keys.push_back(key);
  return keys;
}

ResultMessage read_back(const Frames& frames) {
  auto message = read_result(frames);
  if (!message) ADD_FAILURE() << message.error().message;
  return message.value_or(ResultMessage{});
}

Result<ResultMessage> read_data(const Json& data) { return read_result(message_of(data, "results")); }

TEST(WrittenResult, HasWhatThePythonServiceSaysFirst) {
  const Json data = written(make_success());
  EXPECT_THAT(keys_of(data), testing::ElementsAre("url", "boxes", "labels", "scores", "batch_id", "index", "seq",
                                                  "total", "classes", "model", "image", "timings_ms"));
  EXPECT_EQ(data["boxes"], Json({{12, 34, 156, 278}, {0, 0, 639, 479}}));
  EXPECT_EQ(data["labels"], Json({"dog", "person"}));
  EXPECT_TRUE(data["scores"][0].is_number_float());
  EXPECT_EQ(data["scores"], Json({1.0, static_cast<double>(0.87F)}));
  EXPECT_EQ(data["classes"], Json({17, 0}));
  EXPECT_EQ(data["index"], 3);
  EXPECT_EQ(data["seq"], 4);
  EXPECT_EQ(data["total"], 9);
  EXPECT_EQ(data["image"],
            Json({{"width", 640}, {"height", 480}, {"format", "webp"}, {"bytes", 12345}, {"sha256", "ab12"}}));
  EXPECT_EQ(data["model"], Json({{"name", "coco"}, {"sha256", "95f5"}}));
  EXPECT_EQ(data["timings_ms"],
            Json({{"queue", 0.5}, {"fetch", 1.0}, {"decode", 2.25}, {"infer", 3.0}, {"total", 7.0}}));
}

TEST(WrittenResult, RoundsBoxesTowardZero) {
  ItemResult result = make_success();
  auto& predictions = std::get<Success>(result.outcome).answer.predictions;
  predictions[0].box = Box{.x1 = 0.9F, .y1 = -0.9F, .x2 = 30.99F, .y2 = kNaN};
  predictions[1].box = Box{.x1 = -1e30F, .y1 = 1e30F, .x2 = std::numeric_limits<float>::infinity(), .y2 = 1};
  EXPECT_EQ(written(result)["boxes"], Json({{0, 0, 30, 0}, {-1'000'000'000, 1'000'000'000, 0, 1}}));
}

TEST(WrittenResult, OfAClassificationHasNoBoxes) {
  ItemResult result = make_success();
  auto& answer = std::get<Success>(result.outcome).answer;
  for (Prediction& prediction : answer.predictions) prediction.box.reset();
  answer.background_score = 0.75F;
  const Json data = written(result);
  EXPECT_EQ(data["boxes"], Json::array());
  EXPECT_EQ(data["labels"].size(), 2U);
  EXPECT_EQ(data["background_score"], 0.75);
  const ResultMessage message = read_back(write_result(result, 1, 1));
  const auto& read = std::get<Success>(message.result.outcome).answer;
  EXPECT_EQ(read.background_score, 0.75F);
  EXPECT_EQ(read.predictions.at(0).box, std::nullopt);
}

TEST(WrittenResult, NeverHoldsWhatEndsASubscriber) {
  ItemResult result = make_success();
  result.url = "http://a/\xff.jpg";
  auto& predictions = std::get<Success>(result.outcome).answer.predictions;
  predictions[0].label = "d\xc3g";
  predictions[1].score = kNaN;
  result.timings.total_ms = static_cast<double>(kNaN);
  const Json data = written(result);
  EXPECT_EQ(data["url"], "http://a/\xef\xbf\xbd.jpg");
  EXPECT_EQ(data["labels"][0], "d\xef\xbf\xbdg");
  EXPECT_EQ(data["scores"][1], 0.0);
  EXPECT_EQ(data["timings_ms"]["total"], 0.0);
}

TEST(WrittenResult, LeavesOutABatchThatThereIsNot) {
  ItemResult result = make_success();
  result.batch = "";
  EXPECT_FALSE(written(result).contains("batch_id"));
}

TEST(WrittenResult, PutsErrorsAsThePythonServiceDoes) {
  const auto text = [](ErrorCode code) { return written(make_failure(make_error(code, "why")))["error"]; };
  using enum ErrorCode;
  for (const ErrorCode code : {kUrlInvalid, kBlockedByPolicy, kDnsFailed, kConnectFailed, kTlsFailed, kTimeout,
                               kTooManyRedirects, kTooLarge, kTruncated}) {
    EXPECT_EQ(text(code), "Failed to fetch image: why");
  }
  for (const ErrorCode code : {kNotAnImage, kUnsupportedFormat, kTooManyPixels, kDecodeFailed}) {
    EXPECT_EQ(text(code), "Image open error: why");
  }
  for (const ErrorCode code : {kInferenceFailed, kNonFiniteOutput}) EXPECT_EQ(text(code), "Inference error: why");
  for (const ErrorCode code : {kCancelled, kExpired, kInternal}) EXPECT_EQ(text(code), "why");
  const Json data = written(make_failure(make_http_status_error(503)));
  EXPECT_THAT(keys_of(data), testing::ElementsAre("url", "error", "batch_id", "index", "seq", "total", "code",
                                                  "retryable", "http_status", "timings_ms"));
  EXPECT_EQ(data["error"], "Failed to fetch image: HTTP error: 503");
  EXPECT_EQ(data["http_status"], 503);
  EXPECT_EQ(data["retryable"], true);
}

TEST(ReadResult, GivesBackASuccess) {
  const ItemResult result = make_success();
  const ResultMessage message = read_back(write_result(result, 4, 9));
  EXPECT_TRUE(message.has_index);
  EXPECT_EQ(message.sequence, 4U);
  EXPECT_EQ(message.total, 9U);
  EXPECT_EQ(message.result.batch, result.batch);
  EXPECT_EQ(message.result.index, result.index);
  EXPECT_EQ(message.result.url, result.url);
  EXPECT_EQ(written(message.result), written(result));
  const auto& read = std::get<Success>(message.result.outcome);
  EXPECT_EQ(read.image.format, PictureFormat::kWebp);
  EXPECT_EQ(read.answer.predictions.at(1).score, 0.87F);
  EXPECT_EQ(read.answer.predictions.at(0).index, 17);
}

TEST(ReadResult, GivesBackEveryError) {
  for (const ErrorInfo& info : error_table()) {
    Error error = info.code == ErrorCode::kHttpStatus ? make_http_status_error(404) : make_error(info.code, "why: so");
    error.retryable = !error.retryable;
    const ResultMessage message = read_back(write_result(make_failure(error), 1, 1));
    const auto& read = std::get<Error>(message.result.outcome);
    EXPECT_EQ(read.code, error.code);
    EXPECT_EQ(read.message, error.message);
    EXPECT_EQ(read.retryable, error.retryable);
    EXPECT_EQ(read.http_status, error.http_status);
  }
}

TEST(ReadResult, KnowsThePythonServicesErrors) {
  const auto error = [](const char* text) {
    return std::get<Error>(read_data({{"url", "u"}, {"error", text}})->result.outcome);
  };
  EXPECT_EQ(error("Failed to fetch image: HTTP error: 404").code, ErrorCode::kHttpStatus);
  EXPECT_EQ(error("Failed to fetch image: HTTP error: 503").http_status, 503);
  EXPECT_TRUE(error("Failed to fetch image: HTTP error: 503").retryable);
  EXPECT_EQ(error("Failed to fetch image: HTTP error: 99999999999").code, ErrorCode::kConnectFailed);
  EXPECT_EQ(error("Failed to fetch image: no route").code, ErrorCode::kConnectFailed);
  EXPECT_EQ(error("Failed to fetch image: no route").message, "no route");
  EXPECT_EQ(error("Image open error: what").code, ErrorCode::kDecodeFailed);
  EXPECT_EQ(error("Inference error: what").code, ErrorCode::kInferenceFailed);
  EXPECT_EQ(error("Result parsing error: what").code, ErrorCode::kInferenceFailed);
  EXPECT_EQ(error("something").code, ErrorCode::kInternal);
  EXPECT_EQ(error("something").message, "something");
  EXPECT_EQ(error("").code, ErrorCode::kInternal);
}

TEST(ReadResult, OfTheServiceWithoutBatchesHasNoPlace) {
  const auto message = read_data({{"url", "u"}, {"boxes", {{1, 2, 3, 4}}}, {"labels", {"dog"}}, {"scores", {0.875}}});
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has_index);
  EXPECT_EQ(message->result.batch, "");
  EXPECT_EQ(message->sequence, 0U);
  EXPECT_EQ(message->total, 0U);
  EXPECT_EQ(std::get<Success>(message->result.outcome).answer.predictions.at(0).index, -1);
}

TEST(ReadResult, RefusesWhatIsNone) {
  const Json good = {{"url", "u"}, {"boxes", {{1, 2, 3, 4}}}, {"labels", {"dog"}}, {"scores", {0.5}}};
  ASSERT_TRUE(read_data(good));
  const auto with = [&](const char* name, Json value) {
    Json data = good;
    data[name] = std::move(value);
    return read_data(data).has_value();
  };
  EXPECT_FALSE(with("url", 7));
  EXPECT_FALSE(with("url", Json::binary({'u'})));
  EXPECT_FALSE(with("error", 7));
  EXPECT_FALSE(with("labels", {"dog", "cat"}));
  EXPECT_FALSE(with("labels", {7}));
  EXPECT_FALSE(with("labels", "dog"));
  EXPECT_FALSE(with("scores", {kNaN}));
  EXPECT_FALSE(with("scores", {"0.5"}));
  EXPECT_FALSE(with("scores", Json::array()));
  EXPECT_FALSE(with("boxes", {{1, 2, 3}}));
  EXPECT_FALSE(with("boxes", {{1, 2, 3, kNaN}}));
  EXPECT_FALSE(with("boxes", {{1, 2, 3, 1e300}}));
  EXPECT_FALSE(with("boxes", {7}));
  EXPECT_FALSE(with("boxes", {{1, 2, 3, 4}, {1, 2, 3, 4}}));
  EXPECT_FALSE(read_data({{"url", "u"}}));
  EXPECT_FALSE(read_data(7));
  EXPECT_FALSE(read_data(Json::object()));
  EXPECT_FALSE(read_result(message_of(good, "resultsX")));
  EXPECT_FALSE(read_result({}));
}

TEST(ReadResult, ReadsOverAdditionsThatAreNotWhatTheyShouldBe) {
  const auto message = read_data({{"url", "u"},
                                  {"boxes", {{30, 40, 10.5, 20}}},
                                  {"labels", {"dog"}},
                                  {"scores", {1.5}},
                                  {"batch_id", 7},
                                  {"index", -1},
                                  {"seq", "x"},
                                  {"total", 1e30},
                                  {"classes", {"x"}},
                                  {"model", {1}},
                                  {"image", {{"width", -5}, {"height", 1e12}, {"format", "tiff"}, {"bytes", -1}}},
                                  {"timings_ms", {{"total", -1}, {"fetch", "x"}}},
                                  {"background_score", kNaN}});
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has_index);
  EXPECT_EQ(message->sequence, 0U);
  EXPECT_EQ(message->result.timings.total_ms, 0);
  const auto& success = std::get<Success>(message->result.outcome);
  EXPECT_EQ(success.image.width_px, 0);
  EXPECT_EQ(success.image.height_px, 0);
  EXPECT_EQ(success.image.bytes, 0U);
  EXPECT_EQ(success.answer.background_score, std::nullopt);
  EXPECT_EQ(success.answer.predictions.at(0).score, 1.0F);
  EXPECT_EQ(success.answer.predictions.at(0).box->x1, 10.5F);
  EXPECT_EQ(success.answer.predictions.at(0).box->y2, 40.0F);
  const auto error =
      read_data({{"url", "u"}, {"error", "x"}, {"code", "nosuch"}, {"retryable", 1}, {"http_status", -4}});
  EXPECT_EQ(std::get<Error>(error->result.outcome).code, ErrorCode::kInternal);
}

TEST(ReadResult, PutsPredictionsInTheirOrder) {
  const auto message =
      read_data({{"url", "u"}, {"boxes", Json::array()}, {"labels", {"a", "b", "c"}}, {"scores", {0.1, 0.9, 0.1}}});
  const auto& predictions = std::get<Success>(message->result.outcome).answer.predictions;
  EXPECT_EQ(predictions.at(0).label + predictions.at(1).label + predictions.at(2).label, "bac");
}

TEST(ReadResult, BelievesNoLongList) {
  Json data = {{"url", "u"}, {"boxes", Json::array()}, {"labels", Json::array()}, {"scores", Json::array()}};
  for (int i = 0; i < 100'001; ++i) {
    data["labels"].push_back("");
    data["scores"].push_back(0);
  }
  EXPECT_FALSE(read_data(data));
}

TEST(Heartbeat, HasTheUsageInItsOrder) {
  rusage usage{};
  usage.ru_utime = {1, 250'000};
  const Json data = data_of(write_heartbeat(usage, kTime));
  EXPECT_THAT(keys_of(data), testing::ElementsAre("systemtime", "resources"));
  EXPECT_EQ(data["resources"].size(), 16U);
  EXPECT_EQ(data["resources"]["utime"], 1.25);
  EXPECT_TRUE(data["resources"]["stime"].is_number_float());
  EXPECT_EQ(keys_of(data["resources"]).at(2), "maxrss");
}

TEST(Welcome, HasATopicThatNobodyElseHas) {
  const std::string topic = new_welcome_topic();
  EXPECT_TRUE(is_welcome_topic(topic));
  EXPECT_NE(topic, new_welcome_topic());
  EXPECT_FALSE(is_welcome_topic("welcome/"));
  EXPECT_FALSE(is_welcome_topic(topic + "0"));
  EXPECT_FALSE(is_welcome_topic(topic.substr(0, 39)));
  EXPECT_FALSE(is_welcome_topic("welcome/" + std::string(32, 'G')));
  EXPECT_FALSE(is_welcome_topic("Welcome/" + std::string(32, 'a')));
  const Frames frames = write_welcome(topic, kTime);
  EXPECT_EQ(topic_of(frames), topic);
  EXPECT_EQ(data_of(frames), Json({{"systemtime", "2024-01-02T03:04:05.678Z"}}));
  EXPECT_EQ(topic_of({}), "");
}

TEST(Messages, HaveIdsOfTheirOwn) {
  const ItemResult result = make_success();
  EXPECT_NE(write_result(result, 1, 1).at(1), write_result(result, 1, 1).at(1));
  EXPECT_NE(write_heartbeat(rusage{}, kTime).at(1), write_heartbeat(rusage{}, kTime).at(1));
}

}  // namespace
}  // namespace curlew
