#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "curlew/infer/model_files.hpp"
#include "curlew/infer/openvino_engine.hpp"
#include "unit/infer/temp_folder.hpp"
#include "unit/infer/tiny_detectors.hpp"

namespace curlew {
namespace {

using test::TinyDetector;
using testing::HasSubstr;

class DetectorEngine : public testing::Test {
 protected:
  Result<LoadedEngine, ModelUnavailable> load(const TinyDetector& detector) {
    if (!std::filesystem::exists(network)) test::write_ir(detector, network);
    const FoundModel found{
        .network = network, .labels = std::nullopt, .sha256 = sha256_of_network(network).value_or("")};
    return OpenVinoRuntime(options).load(card, found);
  }
  std::unique_ptr<Lane> lane_of(const TinyDetector& detector) {
    auto loaded = load(detector);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded ? std::move(*loaded->engine->open_lane()) : nullptr;
  }
  std::string refusal(const TinyDetector& detector) {
    const auto loaded = load(detector);
    return loaded ? "loaded" : loaded.error().message;
  }
  /// What the network says of a grey picture of the input's own size.
  static Result<Answer> ask(Lane& lane, std::uint8_t grey, float threshold) {
    std::ranges::fill(lane.input(), grey);
    return lane.run({.original_width_px = 32, .original_height_px = 32}, {.top = 3, .threshold = threshold});
  }

  test::TempFolder folder;
  const std::filesystem::path network = folder / "net.xml";
  ModelCard card = [] {
    ModelCard made;
    made.name = "tiny";
    made.task = Task::kDetect;
    // As bytes are; the usual feeding of some forms divides them.
    made.input.scale = {1, 1, 1};
    return made;
  }();
  EngineOptions options;
};

/// Each form of output, given as its networks usually are.
class EachForm : public DetectorEngine, public testing::WithParamInterface<TinyDetector> {};

void expect_box(const Prediction& object, const Box& box) {
  ASSERT_TRUE(object.box);
  EXPECT_NEAR(object.box->x1, box.x1, 0.1);
  EXPECT_NEAR(object.box->y1, box.y1, 0.1);
  EXPECT_NEAR(object.box->x2, box.x2, 0.1);
  EXPECT_NEAR(object.box->y2, box.y2, 0.1);
}

void expect_both(const Result<Answer>& answer) {
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->predictions.size(), 2U);
  const auto& [first, second] = std::tie(answer->predictions[0], answer->predictions[1]);
  EXPECT_EQ(first.index, 1);
  EXPECT_NEAR(first.score, 1, 0.01);
  expect_box(first, {8, 4, 24, 12});
  EXPECT_EQ(second.index, 2);
  EXPECT_NEAR(second.score, 0.5, 0.01);
  expect_box(second, {0, 16, 8, 32});
  EXPECT_FALSE(answer->background_score);
}

TEST_P(EachForm, NeedsNoCardWhereTheShapesTell) { expect_both(ask(*lane_of(GetParam()), 255, 0.25F)); }

TEST_P(EachForm, OutputsMayComeInAnyOrder) {
  TinyDetector detector = GetParam();
  detector.turned = true;
  expect_both(ask(*lane_of(detector), 255, 0.25F));
}

TEST_P(EachForm, OutputsNeedNoNames) {
  TinyDetector detector = GetParam();
  detector.named = false;
  expect_both(ask(*lane_of(detector), 255, 0.25F));
}

TEST_P(EachForm, WhatIsBelowTheThresholdIsNoAnswer) {
  const auto lane = lane_of(GetParam());
  EXPECT_EQ(ask(*lane, 255, 0.75F)->predictions.size(), 1U);
  EXPECT_EQ(ask(*lane, 100, 0.45F)->predictions.size(), 0U);
}

TEST_P(EachForm, FindsNothingInTheDark) {
  const auto answer = ask(*lane_of(GetParam()), 0, 0.25F);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->predictions.empty());
}

TEST_P(EachForm, BoxesComeBackToTheOriginal) {
  const auto lane = lane_of(GetParam());
  std::ranges::fill(lane->input(), 255);
  // The middle of a picture of 200 x 100, its short side on the input: moved by 16 to the left.
  const auto answer = lane->run({.original_width_px = 200,
                                 .original_height_px = 100,
                                 .scale_x = 0.32,
                                 .scale_y = 0.32,
                                 .offset_x_px = -16,
                                 .offset_y_px = 0},
                                {.top = 1, .threshold = 0.25F});
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->predictions.size(), 2U);
  expect_box(answer->predictions[0], {75, 12.5, 125, 37.5});
  expect_box(answer->predictions[1], {50, 50, 75, 100});
}

TEST_P(EachForm, NumbersThatAreNotFiniteAreNoAnswer) {
  TinyDetector detector = GetParam();
  detector.nan_when_bright = true;
  const auto lane = lane_of(detector);
  const auto answer = ask(*lane, 255, 0.25F);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kNonFiniteOutput);
  EXPECT_TRUE(ask(*lane, 200, 0.25F)) << "the next picture is not harmed";
}

TEST_P(EachForm, IsKeptCompiledAndReadTheSameWay) {
  options.blob_folder = folder / "blobs";
  expect_both(ask(*lane_of(GetParam()), 255, 0.25F));
  const auto again = load(GetParam());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_GT(again->timings.import_ms, 0);
  EXPECT_EQ(again->timings.compile_ms, 0);
  expect_both(ask(**again->engine->open_lane(), 255, 0.25F));
}

TEST_P(EachForm, OutputsBesideThoseOfTheFormGoUnread) {
  TinyDetector detector = GetParam();
  detector.one_more_output = true;
  card.detection.form = detector.form;
  expect_both(ask(*lane_of(detector), 255, 0.25F));
}

TEST_P(EachForm, DoesNotClassify) {
  card.task = Task::kClassify;
  EXPECT_THAT(refusal(GetParam()), HasSubstr("cannot be used: it"));
}

TEST_P(EachForm, HasLabelsOutOfItsCard) {
  card.labels = CardLabels{.file = "", .format = {}, .names = {"", "kite", ""}};
  const auto answer = ask(*lane_of(GetParam()), 255, 0.25F);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->predictions.at(0).label, "kite");
  EXPECT_EQ(answer->predictions.at(1).label, "class 2");
}

TEST_P(EachForm, AGoldenInputThatIsNotFoundIsRefused) {
  card.self_tests.front().disc = card.self_tests.front().ground = {255, 255, 255};
  card.self_tests.front().top = 5;
  EXPECT_THAT(refusal(GetParam()), HasSubstr("class 1 instead of 5"));
}

TEST_P(EachForm, AGoldenInputThatIsNotANumberIsRefused) {
  TinyDetector detector = GetParam();
  detector.nan_when_bright = true;
  card.self_tests.front().disc = card.self_tests.front().ground = {255, 255, 255};
  EXPECT_THAT(refusal(detector), HasSubstr("not finite"));
}

std::string name_of(const testing::TestParamInfo<TinyDetector>& each) {
  switch (each.param.form) {
    case DetectionForm::kSsd:
      return "Ssd";
    case DetectionForm::kYolox:
      return "Yolox";
    case DetectionForm::kBoxesLabelsScores:
      break;
  }
  return each.param.listed ? "BoxesLabelsScoresOfAList" : "BoxesLabelsScores";
}

INSTANTIATE_TEST_SUITE_P(
    Detectors, EachForm,
    testing::Values(TinyDetector{.form = DetectionForm::kSsd},
                    TinyDetector{.form = DetectionForm::kYolox, .floats = true},
                    TinyDetector{.form = DetectionForm::kBoxesLabelsScores, .floats = true},
                    TinyDetector{.form = DetectionForm::kBoxesLabelsScores, .floats = true, .listed = true}),
    name_of);

TEST_F(DetectorEngine, IsFedAsNetworksOfItsFormAre) {
  card.input.scale.reset();
  const auto yolox = lane_of({.form = DetectionForm::kYolox, .floats = true});
  EXPECT_EQ(yolox->input_format().fit.kind, Fit::Kind::kLetterbox);
  std::filesystem::remove(network);
  // Divided by 255, white is 1, which this network takes for nearly black.
  const auto listed = lane_of({.form = DetectionForm::kBoxesLabelsScores, .floats = true});
  EXPECT_TRUE(ask(*listed, 255, 0)->predictions.empty());
}

TEST_F(DetectorEngine, ClassifiersAreNoDetectors) {
  card.detection.form = DetectionForm::kYolox;
  EXPECT_THAT(refusal({.form = DetectionForm::kSsd}), HasSubstr("are not those of yolox"));
}

}  // namespace
}  // namespace curlew
