#include "curlew/infer/model_card.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "curlew/infer/builtin_cards.hpp"

namespace curlew {
namespace {

const std::string kHead = "name = \"mine\"\ntask = \"classify\"\n";
const std::string kDetector = "name = \"d\"\ntask = \"detect\"\n";
const std::string kSum(64, 'a');

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string refusal(const std::string& toml) {
  const auto card = parse_model_card(toml);
  return card ? "accepted" : card.error().message;
}

TEST(ModelCard, ReadsEveryKey) {
  const auto card = parse_model_card(R"(
name = "mine"
title = "A network"
task = "classify"
licence = "MIT"
hint = "ask me"
network = "a.onnx"
[input]
width = 320
height = 240
layout = "NCHW"
element = "f32"
colour = "BGR"
mean = [1, 2.5, 3]
scale = [4, 5, 6]
[resize]
fit = "letterbox"
filter = "bilinear"
crop_fraction = 0.5
fill = 7
[output]
form = "logits"
scale = 0.5
background = 3
[labels]
file = "a.txt"
format = "ID NAME"
[[files]]
name = "a.onnx"
bytes = 12
sha256 = ")" + kSum + R"("
sources = ["https://a.example/x", "http://b.example/y"]
[[files]]
name = "a.txt"
[self_test]
disc = [1, 2, 3]
ground = [4, 5, 6]
radius = 0.25
top = 9
score = 0.75
tolerance = 0.125
)");
  ASSERT_TRUE(card) << card.error().message;
  EXPECT_EQ(card->title, "A network");
  EXPECT_EQ(card->licence, "MIT");
  EXPECT_EQ(card->hint, "ask me");
  EXPECT_EQ(card->network, "a.onnx");
  EXPECT_EQ(card->input.width_px, 320);
  EXPECT_EQ(card->input.height_px, 240);
  EXPECT_EQ(card->input.layout, Layout::kNchw);
  EXPECT_EQ(card->input.element, ElementKind::kF32);
  EXPECT_EQ(card->input.colour, ColourOrder::kBgr);
  EXPECT_EQ(card->input.mean, (std::array<float, 3>{1, 2.5F, 3}));
  EXPECT_EQ(card->input.scale, (std::array<float, 3>{4, 5, 6}));
  EXPECT_EQ(card->fit,
            (Fit{.kind = Fit::Kind::kLetterbox, .filter = Fit::Filter::kBilinear, .crop_fraction = 0.5F, .fill = 7}));
  EXPECT_EQ(card->output.form, OutputForm::kLogits);
  EXPECT_EQ(card->output.scale, 0.5F);
  EXPECT_EQ(card->output.background, 3);
  EXPECT_EQ(card->labels->file, "a.txt");
  EXPECT_EQ(card->labels->format, LabelFormat::kIdSpaceName);
  ASSERT_EQ(card->files.size(), 2U);
  EXPECT_EQ(card->files[0].bytes, 12U);
  EXPECT_EQ(card->files[0].sources.size(), 2U);
  EXPECT_EQ(card->self_tests.at(0).ground, (std::array<std::uint8_t, 3>{4, 5, 6}));
  EXPECT_EQ(card->self_tests.at(0).top, 9);
  EXPECT_EQ(card->self_tests.at(0).tolerance, 0.125F);
}

TEST(ModelCard, MayHaveSeveralSelfTests) {
  const auto card = parse_model_card(kHead + "[[self_test]]\ntop = 3\n[[self_test]]\ntop = 5\n");
  ASSERT_TRUE(card) << card.error().message;
  ASSERT_EQ(card->self_tests.size(), 2U);
  EXPECT_EQ(card->self_tests[0].top, 3);
  EXPECT_EQ(card->self_tests[1].top, 5);
}

TEST(ModelCard, LeavesToTheNetworkWhatIsNotSaid) {
  const auto card = parse_model_card(kHead);
  ASSERT_TRUE(card) << card.error().message;
  EXPECT_EQ(card->input.width_px, 0);
  EXPECT_FALSE(card->input.layout);
  EXPECT_FALSE(card->input.element);
  EXPECT_FALSE(card->output.form);
  EXPECT_FALSE(card->labels);
  ASSERT_EQ(card->self_tests.size(), 1U);
  EXPECT_FALSE(card->self_tests.at(0).top);
}

TEST(ModelCard, KnowsTheTaskOfDetectors) {
  const auto card = parse_model_card(kDetector);
  ASSERT_TRUE(card);
  EXPECT_EQ(card->task, Task::kDetect);
  EXPECT_FALSE(card->detection.form);
  EXPECT_FALSE(card->detection.nms);
  EXPECT_FALSE(card->detection.nms_iou);
  EXPECT_EQ(card->detection.threshold, 0.5F);
}

TEST(ModelCard, SaysHowADetectorIsRead) {
  const auto card = parse_model_card(kDetector +
                                     "[output]\nform = \"boxes-labels-scores\"\nnms = \"across-classes\"\n"
                                     "nms_iou = 0.625\nthreshold = 0.25\n");
  ASSERT_TRUE(card) << card.error().message;
  EXPECT_EQ(card->detection.form, DetectionForm::kBoxesLabelsScores);
  EXPECT_EQ(card->detection.nms, NmsScope::kAcrossClasses);
  EXPECT_EQ(card->detection.nms_iou, 0.625F);
  EXPECT_EQ(card->detection.threshold, 0.25F);
}

TEST(ModelCard, MayHoldTheLabelsItself) {
  const auto card = parse_model_card(kDetector + "[labels]\nnames = [\"\", \"dog\"]\n");
  ASSERT_TRUE(card) << card.error().message;
  EXPECT_THAT(card->labels->names, testing::ElementsAre("", "dog"));
  EXPECT_EQ(card->labels->file, "");
}

TEST(ModelCard, BuiltInDetectorsHaveTheEightyLabelsOfCoco) {
  for (const auto& [name, first] : {std::pair("coco", 1), {"yolox-nano", 0}, {"yolox-s", 0}}) {
    const auto cards = builtin_cards();
    const auto card = std::ranges::find(cards, name, &ModelCard::name);
    ASSERT_NE(card, cards.end()) << name;
    const auto& names = card->labels->names;
    EXPECT_EQ(names.size() - static_cast<std::size_t>(std::ranges::count(names, "")), 80U) << name;
    EXPECT_EQ(names.at(static_cast<std::size_t>(first)), "person") << name;
    EXPECT_EQ(names.back(), "toothbrush") << name;
  }
}

struct BadCard {
  const char* name;
  std::string toml;
  const char* said;  ///< must be part of the refusal
};
void PrintTo(const BadCard& bad, std::ostream* out) { *out << bad.name; }

class BadCards : public testing::TestWithParam<BadCard> {};

TEST_P(BadCards, AreRefusedWithTheReason) {
  EXPECT_THAT(refusal(GetParam().toml), testing::HasSubstr(GetParam().said));
}

const std::string kSourced = "network = \"a.onnx\"\n[[files]]\nname = \"a.onnx\"\n";

INSTANTIATE_TEST_SUITE_P(
    ModelCard, BadCards,
    testing::Values(
        BadCard{"Empty", "", "name is missing"}, BadCard{"NotToml", "name = ", "line 1"},
        BadCard{"Binary", std::string("\x00\xff\x93\x01", 4), "cannot be used"},
        BadCard{"TooLong", kHead + "# " + std::string(70'000, 'x'), "larger than"},
        BadCard{"Deep", "x = " + std::string(5'000, '['), "cannot be used"},
        BadCard{"NoTask", "name = \"mine\"\n", "task is missing"},
        BadCard{"UnknownTask", "name = \"mine\"\ntask = \"sing\"\n", "it can be \"classify\", \"detect\""},
        BadCard{"UnknownKey", kHead + "licens = \"MIT\"\n", "is \"licence\" meant?"},
        BadCard{"UnknownKeyInTable", kHead + "[input]\nwith = 3\n",
                "line 4: input.with is unknown; is \"width\" meant?"},
        BadCard{"KeyLikeNothing", kHead + "zzzzzzzzzzzz = 1\n", "is not a key of a model card"},
        BadCard{"WrongType", kHead + "title = 3\n", "title must be a text"},
        BadCard{"TableExpected", kHead + "input = 3\n", "must be a table"},
        BadCard{"TablesExpected", kHead + "files = 3\n", "must be tables"},
        BadCard{"ListOfNoTables", kHead + "files = [1]\n", "must be tables"},
        BadCard{"Fraction", kHead + "[input]\nwidth = 2.5\n", "whole number"},
        BadCard{"HugeSide", kHead + "[input]\nwidth = 1000000\nheight = 1\n", "from 1 to 4096"},
        BadCard{"NegativeSide", kHead + "[input]\nwidth = -1\nheight = 1\n", "from 1 to 4096"},
        BadCard{"HalfASize", kHead + "[input]\nwidth = 10\n", "go together"},
        BadCard{"DetectorOfAnotherForm", kDetector + "[output]\nform = \"logits\"\n", "it can be \"ssd\""},
        BadCard{"DetectorWithBackground", kDetector + "[output]\nbackground = 3\n", "output.background"},
        BadCard{"ClassifierWithNms", kHead + "[output]\nnms = \"by-class\"\n", "output.nms is not a key"},
        BadCard{"OverlapAboveOne", kDetector + "[output]\nnms_iou = 1.5\n", "output.nms_iou must be from 0 to 1"},
        BadCard{"ThresholdThatIsNone", kDetector + "[output]\nthreshold = nan\n", "output.threshold must be from"},
        BadCard{"LabelsInTwoPlaces", kHead + "[labels]\nnames = [\"a\"]\nfile = \"a.txt\"\n", "exclude each other"},
        BadCard{"TooManyLabels", kHead + "[labels]\nnames = [" + repeated("\"a\",", 2001) + "]\n", "more than 2000"},
        BadCard{"ZeroScale", kHead + "[input]\nscale = [0, 1, 1]\n", "input.scale must be from"},
        BadCard{"NotANumber", kHead + "[input]\nmean = [nan, 1, 1]\n", "input.mean must be from"},
        BadCard{"Infinite", kHead + "[input]\nmean = [inf, 1, 1]\n", "input.mean must be from"},
        BadCard{"TwoMeans", kHead + "[input]\nmean = [1, 1]\n", "list of 3"},
        BadCard{"BytesScaled", kHead + "[input]\nelement = \"u8\"\nmean = [1, 1, 1]\n", "scales them itself"},
        BadCard{"Layout", kHead + "[input]\nlayout = \"HWC\"\n", "\"NHWC\", \"NCHW\""},
        BadCard{"Fit", kHead + "[resize]\nfit = \"stretch\"\n", "\"squash\""},
        BadCard{"Crop", kHead + "[resize]\ncrop_fraction = 0\n", "from 0.05 to 1"},
        BadCard{"Fill", kHead + "[resize]\nfill = 256\n", "from 0 to 255"},
        BadCard{"Form", kHead + "[output]\nform = \"words\"\n", "\"logits\""},
        BadCard{"Background", kHead + "[output]\nbackground = -1\n", "from 0"},
        BadCard{"LabelsInAFolder", kHead + "[labels]\nfile = \"../etc/passwd\"\n", "without a folder"},
        BadCard{"LabelsHidden", kHead + "[labels]\nfile = \".profile\"\n", "without a folder"},
        BadCard{"LabelsWithoutFile", kHead + "[labels]\nformat = \"lines\"\n", "labels.file is missing"},
        BadCard{"FileInAFolder", kHead + "[[files]]\nname = \"a/b\"\n", "without a folder"},
        BadCard{"NameWithSlash", "name = \"a/b\"\ntask = \"classify\"\n", "name must be"},
        BadCard{"NameDots", "name = \"..\"\ntask = \"classify\"\n", "name must be"},
        BadCard{"NameControl", "name = \"a\\u0007\"\ntask = \"classify\"\n", "control character"},
        BadCard{"NetworkNotListed", kHead + "[[files]]\nname = \"a\"\n", "network must be one of the files"},
        BadCard{"LabelsNotListed", kHead + "network = \"a\"\n[labels]\nfile = \"b\"\n[[files]]\nname = \"a\"\n",
                "labels must be one of the files"},
        BadCard{"FileTwice", kHead + "network = \"a\"\n[[files]]\nname = \"a\"\n[[files]]\nname = \"a\"\n", "twice"},
        BadCard{"ShortSum", kHead + kSourced + "sha256 = \"abc\"\n", "64 lower-case"},
        BadCard{"UpperSum", kHead + kSourced + "sha256 = \"" + std::string(64, 'A') + "\"\n", "64 lower-case"},
        BadCard{"Unbound", kHead + kSourced + "sources = [\"https://a.example/\"]\n", "bytes and sha256"},
        BadCard{"FileUrl",
                kHead + kSourced + "bytes = 1\nsha256 = \"" + kSum + "\"\nsources = [\"file:///etc/passwd\"]\n",
                "http or https"},
        BadCard{"SourcesNotTexts", kHead + kSourced + "sources = [1]\n", "must be a text"},
        BadCard{"Score", kHead + "[self_test]\nscore = 2\n", "from 0 to 1"},
        BadCard{"NoSelfTest", "self_test = []\n" + kHead, "is an empty list"},
        BadCard{"ManySelfTests",
                [] {
                  std::string card = kHead;
                  for (int i = 0; i < 17; ++i) card += "[[self_test]]\ntop = 1\n";
                  return card;
                }(),
                "more than 16"},
        BadCard{"SecondSelfTest", kHead + "[[self_test]]\ntop = 1\n[[self_test]]\nscore = 2\n", "from 0 to 1"},
        BadCard{"Colour", kHead + "[self_test]\ndisc = [1, 2, 300]\n", "from 0 to 255"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ModelCard, EveryCutOfARealCardIsReadOrRefused) {
  const std::string card = kHead + "[input]\nwidth = 3\nheight = 3\nmean = [1, 2, 3]\n[[files]]\nname = \"a\"\n";
  for (std::size_t size = 0; size <= card.size(); ++size) (void)parse_model_card(card.substr(0, size));
}

TEST(BuiltinCards, AreAllThereByName) {
  ASSERT_GE(builtin_cards().size(), 2U);
  ASSERT_NE(find_builtin_card("birds"), nullptr);
  ASSERT_NE(find_builtin_card("imagenet"), nullptr);
  EXPECT_EQ(find_builtin_card("nothing"), nullptr);
}

TEST(BuiltinCards, BirdsCanBeDownloadedAndImagenetSaysHowItIsMade) {
  EXPECT_TRUE(downloadable(*find_builtin_card("birds")));
  EXPECT_EQ(find_builtin_card("birds")->output.background, 964);
  EXPECT_FALSE(downloadable(*find_builtin_card("imagenet")));
  EXPECT_FALSE(find_builtin_card("imagenet")->hint.empty());
}

TEST(BuiltinCards, SayTheirLicence) {
  for (const ModelCard& card : builtin_cards()) EXPECT_FALSE(card.licence.empty()) << card.name;
}

TEST(ModelCard, NamesOfTensOfThousandsOfDotsAreRefused) {
  std::string dots = "a";
  for (int i = 0; i < 32'000; ++i) dots += ".a";
  for (const std::string& text : {dots + " = 1", "[" + dots + "]"}) {
    const auto card = parse_model_card(text);
    ASSERT_FALSE(card);
    EXPECT_NE(card.error().message.find("dots"), std::string::npos) << card.error().message;
  }
}

}  // namespace
}  // namespace curlew
