#include "curlew/service/inference_reply.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace curlew {
namespace {

using Json = nlohmann::json;

ItemResult seen(std::vector<Prediction> predictions) {
  Success success;
  success.answer.predictions = std::move(predictions);
  return {.batch = "b", .index = 0, .url = "", .outcome = std::move(success), .timings = {}};
}

ItemResult failed(ErrorCode code, std::string message = "as the test wants it") {
  return {.batch = "b", .index = 0, .url = "", .outcome = make_error(code, std::move(message)), .timings = {}};
}

Prediction label(std::string name, float score) {
  return {.index = 1, .label = std::move(name), .score = score, .box = {}};
}
Prediction object(std::string name, float score, Box box) {
  return {.index = 1, .label = std::move(name), .score = score, .box = box};
}

InferenceRequest wishing(std::vector<InferenceWish> wishes) {
  InferenceRequest request;
  request.wishes = std::move(wishes);
  return request;
}

const std::vector<InferenceWish> kBoth{{InferenceTensor::kLabels}, {InferenceTensor::kScores}};

TEST(InferenceReply, RowsAreAsLongAsWasAskedForAndPadded) {
  InferenceRequest request = wishing(kBoth);
  request.id = "it \"is\"";
  const std::vector results{seen({label("kiwi", 0.75F), label("g\xc3\xbcll \"x\"", 0.125F)}), seen({label("auk", 1)})};
  const auto reply = write_inference_reply(request, results, {.model = "birds", .top = 3});
  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply->head_bytes);
  EXPECT_EQ(Json::parse(reply->body), Json::parse(R"({"id": "it \"is\"", "model_name": "birds", "model_version": "1",
      "outputs": [
        {"name": "labels", "datatype": "BYTES", "shape": [2, 3], "data": ["kiwi", "güll \"x\"", "", "auk", "", ""]},
        {"name": "scores", "datatype": "FP32", "shape": [2, 3], "data": [0.75, 0.125, 0, 1, 0, 0]}]})"));
}

TEST(InferenceReply, ObjectsHaveBoxesAndRowsOfTheLongest) {
  const std::vector results{seen({}), seen({object("cat", 0.5F, {.x1 = 1, .y1 = 2.5F, .x2 = 3, .y2 = 4})})};
  const InferenceContext context{.model = "coco", .task = Task::kDetect};
  const auto request = wishing({{InferenceTensor::kLabels}, {InferenceTensor::kBoxes}});
  const Json reply = Json::parse(write_inference_reply(request, results, context).value().body);
  EXPECT_EQ(reply["outputs"][0]["shape"], Json::parse("[2, 1]"));
  EXPECT_EQ(reply["outputs"][0]["data"], Json::parse(R"(["", "cat"])"));
  EXPECT_EQ(reply["outputs"][1]["shape"], Json::parse("[2, 1, 4]"));
  EXPECT_EQ(reply["outputs"][1]["data"], Json::parse("[0, 0, 0, 0, 1, 2.5, 3, 4]"));
  const std::vector nothing{seen({})};
  const Json empty = Json::parse(write_inference_reply(request, nothing, context).value().body);
  EXPECT_EQ(empty["outputs"][1]["shape"], Json::parse("[1, 0, 4]"));
  EXPECT_EQ(empty["outputs"][1]["data"], Json::array());
}

TEST(InferenceReply, AnAnswerHasItsLimitHoweverManyObjectsThereAre) {
  const std::vector<Prediction> crowd(1000, object("ant", 0.5F, {}));
  const std::vector results{seen(crowd), seen({})};
  const InferenceContext context{.model = "coco", .task = Task::kDetect, .max_cells = 10};
  const Json reply = Json::parse(write_inference_reply(wishing(kBoth), results, context).value().body);
  EXPECT_EQ(reply["outputs"][0]["shape"], Json::parse("[2, 5]"));
}

TEST(InferenceReply, BinaryTensorsFollowInTheOrderOfTheirOutputs) {
  const auto request =
      wishing({{InferenceTensor::kScores, true}, {InferenceTensor::kErrors}, {InferenceTensor::kLabels, true}});
  const std::vector results{seen({label("kiwi", 0.75F)})};
  const auto reply = write_inference_reply(request, results, {.model = "birds", .top = 2}).value();
  ASSERT_TRUE(reply.head_bytes);
  const Json head = Json::parse(reply.body.substr(0, *reply.head_bytes));
  EXPECT_EQ(head["outputs"][0]["parameters"]["binary_data_size"], 8);
  EXPECT_FALSE(head["outputs"][0].contains("data"));
  EXPECT_EQ(head["outputs"][1]["data"], Json::parse(R"([""])"));
  EXPECT_EQ(head["outputs"][2]["parameters"]["binary_data_size"], 12);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(0.75F), 0x3f400000U);
  EXPECT_EQ(reply.body.substr(*reply.head_bytes),
            std::string("\0\0\x40\x3f\0\0\0\0", 8) + std::string("\x04\0\0\0kiwi\0\0\0\0", 12));
}

TEST(InferenceReply, APictureThatFailedHasItsErrorBesideTheOthers) {
  const std::vector results{failed(ErrorCode::kNotAnImage, "send a picture"), seen({label("kiwi", 0.75F)})};
  const Json reply =
      Json::parse(write_inference_reply(wishing(kBoth), results, {.model = "birds", .top = 1}).value().body);
  EXPECT_EQ(reply["outputs"][0]["data"], Json::parse(R"(["", "kiwi"])"));
  EXPECT_EQ(
      reply["outputs"][2],
      Json::parse(
          R"({"name": "errors", "datatype": "BYTES", "shape": [2], "data": ["not_an_image: send a picture", ""]})"));
}

TEST(InferenceReply, WhereAllFailedTheRequestDoesUnlessErrorsWereAskedFor) {
  const std::pair<ErrorCode, int> statuses[] = {{ErrorCode::kNotAnImage, 422},      {ErrorCode::kTimeout, 422},
                                                {ErrorCode::kInternal, 500},        {ErrorCode::kInferenceFailed, 500},
                                                {ErrorCode::kNonFiniteOutput, 500}, {ErrorCode::kCancelled, 503}};
  for (const auto& [code, status] : statuses) {
    const std::vector results{failed(code), failed(ErrorCode::kTimeout)};
    const auto refused = write_inference_reply(wishing(kBoth), results, {.model = "birds"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status(), status);
    EXPECT_NE(refused.error().detail.find(error_info(code).wire_name), std::string::npos);
    EXPECT_TRUE(write_inference_reply(wishing({{InferenceTensor::kErrors}}), results, {.model = "birds"}));
  }
}

TEST(InferenceReply, AModelSaysWhatItTakesAndGives) {
  EXPECT_EQ(Json::parse(inference_metadata_json("coco", Task::kDetect)),
            Json::parse(R"({"name": "coco", "versions": ["1"], "platform": "curlew",
              "inputs": [{"name": "image", "datatype": "BYTES", "shape": [-1]}],
              "outputs": [{"name": "labels", "datatype": "BYTES", "shape": [-1, -1]},
                          {"name": "scores", "datatype": "FP32", "shape": [-1, -1]},
                          {"name": "boxes", "datatype": "FP32", "shape": [-1, -1, 4]},
                          {"name": "errors", "datatype": "BYTES", "shape": [-1]}]})"));
  EXPECT_EQ(Json::parse(inference_metadata_json("birds", Task::kClassify))["outputs"].size(), 3U);
}

}  // namespace
}  // namespace curlew
