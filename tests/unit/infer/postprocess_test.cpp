#include "curlew/infer/postprocess.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace curlew {
namespace {

constexpr float kStep = 1.0F / 256.0F;

std::vector<float> noise(std::mt19937& random, std::size_t size, float spread) {
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> values(size);
  for (float& value : values) value = normal(random);
  return values;
}

TEST(ToProbabilities, SoftmaxAddsUpToOneAndKeepsTheOrder) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same numbers each time
  for (int round = 0; round < 200; ++round) {
    const auto raw = noise(random, 1 + static_cast<std::size_t>(round), static_cast<float>(round));
    const auto values = to_probabilities(raw, OutputForm::kLogits, 1);
    ASSERT_TRUE(values);
    EXPECT_NEAR(std::accumulate(values->begin(), values->end(), 0.0), 1.0, 1e-4);
    for (std::size_t i = 1; i < raw.size(); ++i) {
      if (raw[i - 1] < raw[i]) {
        EXPECT_LE((*values)[i - 1], (*values)[i]);
      }
    }
  }
}

TEST(ToProbabilities, SoftmaxDoesNotCareForAShift) {
  const auto low = to_probabilities(std::vector<float>{-1, 0, 2}, OutputForm::kLogits, 1);
  const auto high = to_probabilities(std::vector<float>{99, 100, 102}, OutputForm::kLogits, 1);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR((*low)[i], (*high)[i], 1e-6);
}

TEST(ToProbabilities, SoftmaxOfTheLargestNumbersStaysFinite) {
  constexpr float kMost = std::numeric_limits<float>::max();
  const auto values = to_probabilities(std::vector<float>{-kMost, kMost, 0}, OutputForm::kLogits, 1);
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)[1], 1.0F);
  EXPECT_EQ((*values)[0], 0.0F);
}

TEST(ToProbabilities, BytesAreScaled) {
  EXPECT_EQ(*to_probabilities(std::vector<float>{0, 128, 255}, OutputForm::kScaledU8, kStep),
            (std::vector<float>{0, 0.5F, 255 * kStep}));
}

TEST(ToProbabilities, RoundingBeyondTheEndsIsClamped) {
  EXPECT_EQ(*to_probabilities(std::vector<float>{-0.001F, 1.002F}, OutputForm::kProbabilities, 1),
            (std::vector<float>{0, 1}));
}

TEST(ToProbabilities, ANumberThatIsNotFiniteFailsThePicture) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (const OutputForm form : {OutputForm::kProbabilities, OutputForm::kLogits, OutputForm::kScaledU8}) {
      const auto values = to_probabilities(std::vector<float>{0.5F, bad, 0.1F}, form, 1);
      ASSERT_FALSE(values);
      EXPECT_EQ(values.error().code, ErrorCode::kNonFiniteOutput);
    }
  }
}

TEST(ReadClasses, PredictionsFallByScoreWithinTheLimitWhateverComes) {
  std::mt19937 random(2);  // NOLINT(cert-msc51-cpp)
  for (int round = 0; round < 300; ++round) {
    const std::size_t classes = 1 + random() % 40;
    const int top = static_cast<int>(random() % 12) - 1;
    const int background = static_cast<int>(random() % (2 * classes));
    std::vector<float> scores(classes);
    for (float& score : scores) score = static_cast<float>(random() % 8) / 8.0F;  // many ties
    const Answer answer = read_classes(scores, background, {}, top);
    const std::size_t known = classes - (static_cast<std::size_t>(background) < classes ? 1 : 0);
    ASSERT_EQ(answer.predictions.size(), std::min<std::size_t>(known, static_cast<std::size_t>(std::max(top, 0))));
    for (std::size_t i = 0; i < answer.predictions.size(); ++i) {
      const Prediction& here = answer.predictions[i];
      EXPECT_NE(here.index, background);
      EXPECT_EQ(here.score, scores[static_cast<std::size_t>(here.index)]);
      if (i == 0) continue;
      const Prediction& before = answer.predictions[i - 1];
      EXPECT_TRUE(before.score > here.score || (before.score == here.score && before.index < here.index));
    }
  }
}

TEST(ReadClasses, BackgroundIsApartAndSaidOnlyWhereItWins) {
  const Answer wins = read_classes(std::vector<float>{0.1F, 0.2F, 0.7F}, 2, {"a", "b", "none"}, 3);
  ASSERT_EQ(wins.predictions.size(), 2U);
  EXPECT_EQ(wins.predictions[0].label, "b");
  EXPECT_EQ(wins.background_score, 0.7F);
  const Answer loses = read_classes(std::vector<float>{0.1F, 0.7F, 0.2F}, 2, {"a", "b", "none"}, 3);
  EXPECT_EQ(loses.predictions[0].label, "b");
  EXPECT_FALSE(loses.background_score);
}

TEST(ReadClasses, BackgroundIsSaidEvenWhereNothingElseIsAskedFor) {
  const Answer answer = read_classes(std::vector<float>{0.1F, 0.9F}, 1, {}, 0);
  EXPECT_TRUE(answer.predictions.empty());
  EXPECT_EQ(answer.background_score, 0.9F);
}

TEST(ReadClasses, TiesGoToTheLowerIndex) {
  const Answer answer = read_classes(std::vector<float>{0.25F, 0.25F, 0.25F, 0.25F}, std::nullopt, {}, 2);
  EXPECT_EQ(answer.predictions[0].index, 0);
  EXPECT_EQ(answer.predictions[1].index, 1);
}

TEST(ReadClasses, LabelsShorterThanTheClassesAreFilledUp) {
  const Answer answer = read_classes(std::vector<float>{0.1F, 0.9F}, std::nullopt, {"only"}, 2);
  EXPECT_EQ(answer.predictions[0].label, "class 1");
  EXPECT_EQ(answer.predictions[1].label, "only");
}

TEST(ReadClasses, NoClassesGiveNoPredictions) { EXPECT_TRUE(read_classes({}, 0, {}, 3).predictions.empty()); }

}  // namespace
}  // namespace curlew
