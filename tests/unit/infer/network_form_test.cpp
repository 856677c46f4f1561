#include "curlew/infer/network_form.hpp"

#include <gtest/gtest.h>

#include <array>

namespace curlew {
namespace {

constexpr std::array<NetworkForm, 6> kForms = {OutputForm::kProbabilities, OutputForm::kLogits,
                                               OutputForm::kScaledU8,      DetectionForm::kSsd,
                                               DetectionForm::kYolox,      DetectionForm::kBoxesLabelsScores};

TEST(NetworkForm, HasAWordThatNoOtherHas) {
  for (const NetworkForm& form : kForms) EXPECT_EQ(network_form_of(to_string(form)), form) << to_string(form);
  EXPECT_FALSE(network_form_of("detector"));
  EXPECT_FALSE(network_form_of(""));
}

TEST(NetworkForm, TellsTheTask) {
  EXPECT_EQ(task_of(OutputForm::kScaledU8), Task::kClassify);
  EXPECT_EQ(task_of(DetectionForm::kSsd), Task::kDetect);
}

TEST(Feeding, OfAClassifierIsThePictureAsItIs) {
  const auto feeding = feeding_of({}, {}, OutputForm::kLogits, ElementKind::kF32);
  EXPECT_EQ(feeding.colour, ColourOrder::kRgb);
  EXPECT_FALSE(feeding.normalises());
  EXPECT_EQ(feeding.fit, Fit{});
}

TEST(Feeding, OfDetectorsIsAsTheirPublishersHaveIt) {
  const auto ssd = feeding_of({}, {}, DetectionForm::kSsd, ElementKind::kU8);
  EXPECT_EQ(ssd.colour, ColourOrder::kRgb);
  EXPECT_EQ(ssd.fit.kind, Fit::Kind::kSquash);
  EXPECT_EQ(ssd.fit.filter, Fit::Filter::kBilinear);

  const auto yolox = feeding_of({}, {}, DetectionForm::kYolox, ElementKind::kF32);
  EXPECT_EQ(yolox.colour, ColourOrder::kBgr);
  EXPECT_FALSE(yolox.normalises());
  EXPECT_EQ(yolox.fit.kind, Fit::Kind::kLetterbox);
  EXPECT_EQ(yolox.fit.fill, 114);

  const auto lists = feeding_of({}, {}, DetectionForm::kBoxesLabelsScores, ElementKind::kF32);
  EXPECT_EQ(lists.colour, ColourOrder::kRgb);
  EXPECT_EQ(lists.scale, (std::array<float, 3>{255, 255, 255}));
  EXPECT_FALSE(feeding_of({}, {}, DetectionForm::kBoxesLabelsScores, ElementKind::kU8).normalises());
}

TEST(Feeding, WhatTheCardSaysComesFirst) {
  CardInput input;
  input.colour = ColourOrder::kRgb;
  input.mean = {1, 2, 3};
  const Fit fit{.kind = Fit::Kind::kCentreCrop};
  const auto feeding = feeding_of(input, fit, DetectionForm::kBoxesLabelsScores, ElementKind::kF32);
  EXPECT_EQ(feeding.mean, (std::array<float, 3>{1, 2, 3}));
  EXPECT_EQ(feeding.scale, (std::array<float, 3>{1, 1, 1})) << "who gives a mean gives the whole formula";
  EXPECT_EQ(feeding.fit, fit);
  EXPECT_EQ(feeding_of(input, {}, DetectionForm::kYolox, ElementKind::kF32).colour, ColourOrder::kRgb);
}

TEST(NmsRule, IsTheCardsOrTheForms) {
  EXPECT_EQ(nms_rule({}, DetectionForm::kYolox).iou, 0.45F);
  EXPECT_EQ(nms_rule({}, DetectionForm::kYolox).scope, NmsScope::kByClass);
  EXPECT_EQ(nms_rule({}, DetectionForm::kBoxesLabelsScores).iou, 1.0F);
  const DetectOutput said{.form = {}, .nms = NmsScope::kAcrossClasses, .nms_iou = 0.25F};
  EXPECT_EQ(nms_rule(said, DetectionForm::kBoxesLabelsScores).iou, 0.25F);
  EXPECT_EQ(nms_rule(said, DetectionForm::kYolox).scope, NmsScope::kAcrossClasses);
}

}  // namespace
}  // namespace curlew
