#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "curlew/infer/model_files.hpp"
#include "curlew/infer/openvino_engine.hpp"
#include "curlew/infer/user_model.hpp"
#include "unit/infer/temp_folder.hpp"
#include "unit/infer/tiny_networks.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;
using test::kBlue;
using test::kGreen;
using test::kRed;
using test::TinyNetwork;
using testing::HasSubstr;

class Engine : public testing::Test {
 protected:
  Result<LoadedEngine, ModelUnavailable> load(const fs::path& network) {
    FoundModel found{.network = network, .labels = labels, .sha256 = sha256_of_network(network).value_or("")};
    return OpenVinoRuntime(options, judge).load(card, found);
  }
  Result<LoadedEngine, ModelUnavailable> load(const TinyNetwork& network) {
    test::write_ir(network, folder / "net.xml");
    return load(folder / "net.xml");
  }
  /// The network that is there already: writing it again would give its nodes new names, and the file a new hash.
  Result<LoadedEngine, ModelUnavailable> load_again() { return load(folder / "net.xml"); }
  std::unique_ptr<Lane> lane_of(const TinyNetwork& network) {
    auto loaded = load(network);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded ? std::move(*loaded->engine->open_lane()) : nullptr;
  }
  std::string refusal(const TinyNetwork& network) {
    const auto loaded = load(network);
    return loaded ? "loaded" : loaded.error().message;
  }
  static void expect_colours(Lane& lane) {
    EXPECT_EQ(test::best_class(lane, kRed), 0);
    EXPECT_EQ(test::best_class(lane, kGreen), 1);
    EXPECT_EQ(test::best_class(lane, kBlue), 2);
  }
  std::vector<fs::path> blobs() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(options.blob_folder)) files.push_back(entry.path());
    return files;
  }

  test::TempFolder folder;
  ModelCard card = [] {
    ModelCard made;
    made.name = "tiny";
    return made;
  }();
  EngineOptions options;
  SelfTestJudge judge = judge_self_test;
  std::optional<fs::path> labels;
};

TEST_F(Engine, BytesNhwcNeedNoCard) { expect_colours(*lane_of({})); }

TEST_F(Engine, BytesNchwNeedNoCard) { expect_colours(*lane_of({.nchw = true})); }

TEST_F(Engine, FloatsAreScaledAsTheCardSays) {
  card.input.scale = {255, 255, 255};
  const auto lane = lane_of({.nchw = true, .bytes = false});
  expect_colours(*lane);
  const auto answer = test::ask(*lane, {255, 0, 0});
  EXPECT_NEAR(answer->predictions[0].score, std::exp(20.0) / (std::exp(20.0) + 2), 1e-3);
}

TEST_F(Engine, MeanIsTakenOffInTheOrderOfTheCardsColours) {
  card.input.colour = ColourOrder::kBgr;
  card.input.mean = {200, 0, 0};  // off the blue
  card.input.scale = {255, 255, 255};
  const auto lane = lane_of({.bytes = false, .bgr = true});
  EXPECT_EQ(test::best_class(*lane, {0, 150, 250}), 1);  // green: blue has 50 left
  EXPECT_EQ(test::best_class(*lane, {0, 10, 250}), 0);   // blue is the first channel here
}

TEST_F(Engine, ColoursAreTurnedAround) {
  card.input.colour = ColourOrder::kBgr;
  const auto lane = lane_of({.bgr = true});
  EXPECT_EQ(test::best_class(*lane, kBlue), 0);
  EXPECT_EQ(test::best_class(*lane, kRed), 2);
}

TEST_F(Engine, LogitsAreKnownByTheirMissingSoftmax) {
  const auto lane = lane_of({.softmax = false});
  expect_colours(*lane);
  const auto answer = test::ask(*lane, kRed);
  float sum = 0;
  for (const Prediction& prediction : answer->predictions) sum += prediction.score;
  EXPECT_NEAR(sum, 1, 1e-3);
}

TEST_F(Engine, BytesOutAreKnownByTheirType) {
  card.output.scale = 1.0F / 255;
  const auto lane = lane_of({.byte_output = true});
  expect_colours(*lane);
  EXPECT_GT(test::ask(*lane, kRed)->predictions[0].score, 0.95F);
}

TEST_F(Engine, AnOpenSizeIsTheCards) {
  card.input.width_px = 6;
  card.input.height_px = 4;
  card.fit = Fit{.kind = Fit::Kind::kCentreCrop};
  const auto lane = lane_of({.dynamic = true});
  EXPECT_EQ(lane->input_format().width_px, 6);
  EXPECT_EQ(lane->input_format().height_px, 4);
  EXPECT_EQ(lane->input_format().fit.kind, Fit::Kind::kCentreCrop);
  EXPECT_EQ(lane->input().size(), 6U * 4U * 3U);
  expect_colours(*lane);
}

TEST_F(Engine, TellsTheModelThatItRuns) {
  const auto lane = lane_of({});
  EXPECT_EQ(lane->model().name, "tiny");
  EXPECT_EQ(lane->model().sha256, sha256_of_network(folder / "net.xml"));
}

TEST_F(Engine, LabelsAndBackgroundAreTheCards) {
  test::write_file(folder / "labels.txt", "red\ngreen\n");
  labels = folder / "labels.txt";
  card.output.background = 0;
  const auto lane = lane_of({});
  const auto red = test::ask(*lane, kRed);
  EXPECT_GT(red->background_score, 0.9F);
  EXPECT_EQ(red->predictions.size(), 2U);
  const auto green = test::ask(*lane, kGreen);
  EXPECT_FALSE(green->background_score);
  EXPECT_EQ(green->predictions[0].label, "green");
  EXPECT_EQ(test::ask(*lane, kBlue)->predictions[0].label, "class 2");
}

TEST_F(Engine, ReadsOnnx) {
  card.input.scale = {10, 10, 10};
  test::write_onnx(folder / "net.onnx");
  auto loaded = load(folder / "net.onnx");
  ASSERT_TRUE(loaded) << loaded.error().message;
  expect_colours(**loaded->engine->open_lane());
}

TEST_F(Engine, ReadsASavedModel) {
  card.input.scale = {10, 10, 10};
  test::write_saved_model(folder / "saved");
  auto loaded = load(folder / "saved");
  ASSERT_TRUE(loaded) << loaded.error().message;
  expect_colours(**loaded->engine->open_lane());
}

TEST_F(Engine, SaysWhatDoesNotFitBetweenCardAndNetwork) {
  card.input.layout = Layout::kNchw;
  EXPECT_THAT(refusal({}), HasSubstr("layout"));
  card.input = {};
  card.input.element = ElementKind::kF32;
  EXPECT_THAT(refusal({}), HasSubstr("element"));
  card.input = {};
  card.input.mean = {1, 1, 1};
  EXPECT_THAT(refusal({}), HasSubstr("mean"));
  card.input = {};
  card.input.width_px = card.input.height_px = 9;
  EXPECT_THAT(refusal({}), HasSubstr("9"));
  card.input = {};
  EXPECT_THAT(refusal({.dynamic = true}), HasSubstr("a card must say [input] height"));
  EXPECT_THAT(refusal({.side_px = 3}), HasSubstr("a card must say [input] layout"));
}

TEST_F(Engine, RubbishIsRefusedWithoutTheLibrarysText) {
  for (const std::string name : {"net.xml", "net.onnx", "net.tflite"}) {
    test::write_file(folder / name, "this is not a network");
    const auto loaded = load(folder / name);
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, HasSubstr(name + " cannot be used"));
    EXPECT_THAT(loaded.error().message, testing::Not(HasSubstr(folder.path().native())));
  }
}

TEST_F(Engine, AnUnknownDeviceIsRefused) {
  options.device = "ABACUS";
  EXPECT_THAT(refusal({}), HasSubstr("ABACUS"));
}

TEST_F(Engine, ANetworkThatGivesNaNFailsItsSelfTest) {
  EXPECT_THAT(refusal({.gives_nan = true}),
              HasSubstr("failed its self-test on this machine: it gave numbers that are not finite"));
}

TEST_F(Engine, ANetworkThatGivesInfinityFailsItsSelfTest) {
  EXPECT_THAT(refusal({.gives_infinity = true}), HasSubstr("numbers that are not finite"));
}

/// A judge that finds a fault in the first `wrong` answers that it sees, whatever they are.
SelfTestJudge finds_fault_in_the_first(int wrong) {
  const auto left = std::make_shared<int>(wrong);  // shared by the judge's copies
  return [left](std::span<const float>, OutputForm, float, const CardSelfTest&) {
    return (*left)-- > 0 ? std::optional<std::string>("it is mistaken") : std::nullopt;
  };
}

TEST_F(Engine, WhereTheDevicesPrecisionComputesWronglyF32TakesItsPlace) {
  options.blob_folder = folder / "blobs";
  judge = finds_fault_in_the_first(1);
  const auto loaded = load(TinyNetwork{});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->precision, Precision::kF32);
  expect_colours(**loaded->engine->open_lane());
  ASSERT_EQ(blobs().size(), 1U);
  judge = judge_self_test;
  const auto again = load_again();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->precision, Precision::kF32) << "what was kept is f32's";
  EXPECT_EQ(again->timings.compile_ms, 0);
}

TEST_F(Engine, WhereF32ComputesWronglyTooTheModelIsRefused) {
  options.blob_folder = folder / "blobs";
  judge = finds_fault_in_the_first(2);
  EXPECT_THAT(refusal({}), testing::AllOf(HasSubstr("the model \"tiny\" cannot be used"), HasSubstr("it is mistaken"),
                                          HasSubstr("choose another model")));
  EXPECT_FALSE(fs::exists(options.blob_folder) && !blobs().empty()) << "what failed is not kept";
}

TEST_F(Engine, AKeptNetworkThatNowComputesWronglyIsMadeAnew) {
  options.blob_folder = folder / "blobs";
  ASSERT_TRUE(load(TinyNetwork{}));
  judge = finds_fault_in_the_first(1);
  const auto loaded = load_again();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_GT(loaded->timings.compile_ms, 0);
  EXPECT_EQ(loaded->precision, Precision::kDevices);
}

TEST_F(Engine, AWrongAnswerToTheCardsPictureFailsTheSelfTest) {
  card.self_tests.front().disc = kRed;
  card.self_tests.front().ground = kRed;
  card.self_tests.front().top = 1;
  card.self_tests.front().score = 1;
  EXPECT_THAT(refusal({}), HasSubstr("class 0 instead of 1"));
  card.self_tests.front().top = 0;
  EXPECT_EQ(refusal({}), "loaded");
}

TEST_F(Engine, WhatDoesNotAddUpFailsTheSelfTest) {
  card.output.form = OutputForm::kProbabilities;
  EXPECT_THAT(refusal({.softmax = false}), HasSubstr("add up"));
}

TEST_F(Engine, TwoLanesAtOnceKeepTheirPicturesApart) {
  options.streams = 2;
  auto loaded = load(TinyNetwork{});
  ASSERT_TRUE(loaded) << loaded.error().message;
  std::latch both(2);
  const auto hammer = [&](std::array<std::uint8_t, 3> rgb, int expected) {
    const auto lane = *loaded->engine->open_lane();
    both.arrive_and_wait();
    for (int i = 0; i < 300; ++i) ASSERT_EQ(test::best_class(*lane, rgb), expected);
  };
  const std::jthread red([&] { hammer(kRed, 0); });
  const std::jthread blue([&] { hammer(kBlue, 2); });
}

TEST_F(Engine, ALaneOutlivesItsEngineAndRuntime) {
  std::unique_ptr<Lane> lane;
  {
    auto loaded = load(TinyNetwork{});
    ASSERT_TRUE(loaded);
    lane = *loaded->engine->open_lane();
  }
  expect_colours(*lane);
}

TEST_F(Engine, TheSecondLoadTakesTheCompiledNetworkFromTheCache) {
  options.blob_folder = folder / "blobs";
  const auto first = load(TinyNetwork{.softmax = false});
  ASSERT_TRUE(first);
  EXPECT_GT(first->timings.compile_ms, 0);
  EXPECT_EQ(first->timings.import_ms, 0);
  ASSERT_EQ(blobs().size(), 1U);
  const auto second = load_again();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->timings.compile_ms, 0);
  EXPECT_GT(second->timings.import_ms, 0);
  const auto lane = *second->engine->open_lane();
  expect_colours(*lane);
  EXPECT_LE(test::ask(*lane, kRed)->predictions[0].score, 1.0F);
}

TEST_F(Engine, AnotherModelOrCardCompilesItsOwn) {
  options.blob_folder = folder / "blobs";
  ASSERT_TRUE(load(TinyNetwork{}));
  ASSERT_TRUE(load(TinyNetwork{.steepness = 10}));
  EXPECT_EQ(blobs().size(), 2U);
  ASSERT_TRUE(load_again());
  EXPECT_EQ(blobs().size(), 2U);
  card.input.colour = ColourOrder::kBgr;
  ASSERT_TRUE(load_again());
  EXPECT_EQ(blobs().size(), 3U);
}

TEST_F(Engine, AKeptNetworkServesAnyNumberOfStreams) {
  options.blob_folder = folder / "blobs";
  ASSERT_TRUE(load(TinyNetwork{}));
  for (const int streams : {2, 4}) {
    options.streams = streams;
    const auto loaded = load_again();
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->timings.compile_ms, 0);
    expect_colours(**loaded->engine->open_lane());
  }
  EXPECT_EQ(blobs().size(), 1U);
}

TEST_F(Engine, TellsTheInputOfAKeptNetworkBeforeItIsLoaded) {
  options.blob_folder = folder / "blobs";
  card.input.width_px = 8;
  card.input.height_px = 8;
  test::write_ir({}, folder / "net.xml");
  const FoundModel found{.network = folder / "net.xml", .labels = labels, .sha256 = "5a"};
  std::vector<std::string> happened;
  judge = [&](std::span<const float>, OutputForm, float, const CardSelfTest&) {
    happened.emplace_back("tested");
    return std::optional<std::string>();
  };
  const auto known = [&](const InputFormat& format, const ModelId& model) {
    EXPECT_EQ(format.width_px, 8);
    EXPECT_EQ(format.height_px, 8);
    EXPECT_EQ(format.fit, Fit());
    EXPECT_EQ(model.sha256, "5a");
    happened.emplace_back("known");
  };
  ASSERT_TRUE(OpenVinoRuntime(options, judge).load(card, found, known));
  EXPECT_THAT(happened, testing::ElementsAre("tested")) << "of a network that was never loaded here nothing is known";
  happened.clear();
  const auto again = OpenVinoRuntime(options, judge).load(card, found, known);
  ASSERT_TRUE(again);
  EXPECT_THAT(happened, testing::ElementsAre("known", "tested"));
  EXPECT_EQ(again->engine->input_format().width_px, 8);
  card.input.width_px = 0;
  happened.clear();
  ASSERT_TRUE(OpenVinoRuntime(options, judge).load(card, found, known));
  EXPECT_THAT(happened, testing::ElementsAre("tested")) << "the card leaves the size to the network";
}

TEST_F(Engine, WarmingUpADeviceThatIsNotThereLeavesTheReasonToTheLoad) {
  options.device = "TPU";
  OpenVinoRuntime runtime(options);
  runtime.warm_up();
  runtime.warm_up();
  test::write_ir({}, folder / "net.xml");
  EXPECT_FALSE(runtime.load(card, {.network = folder / "net.xml", .labels = labels, .sha256 = "5a"}));
}

TEST_F(Engine, ADamagedBlobIsMadeAnew) {
  options.blob_folder = folder / "blobs";
  ASSERT_TRUE(load(TinyNetwork{}));
  const std::string whole = test::file_text(blobs().at(0));
  std::string broken = whole;
  broken[broken.size() / 2] = static_cast<char>(broken[broken.size() / 2] ^ 0x55);
  for (const std::string& bytes : {broken, whole.substr(0, whole.size() / 2), std::string("x"), std::string()}) {
    test::write_file(blobs().at(0), bytes);
    const auto loaded = load_again();
    ASSERT_TRUE(loaded);
    EXPECT_GT(loaded->timings.compile_ms, 0);
    expect_colours(**loaded->engine->open_lane());
  }
}

TEST_F(Engine, ABlobThatCannotBeWrittenCostsOnlyTime) {
  test::write_file(folder / "file", "x");
  options.blob_folder = folder / "file/blobs";
  EXPECT_TRUE(load(TinyNetwork{}));
}

}  // namespace
}  // namespace curlew
