#include "curlew/infer/self_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace curlew {
namespace {

TEST(SelfTest, PaintsADiscInTheMiddleOfTheGround) {
  const InputFormat format{.width_px = 9, .height_px = 5, .fit = {}};
  std::vector<std::uint8_t> pixels(9 * 5 * 3);
  paint_self_test({.disc = {1, 2, 3}, .ground = {7, 8, 9}, .radius = 0.3F, .top = {}, .score = 0, .tolerance = 1},
                  format, pixels);
  const auto pixel = [&](int x, int y) {
    const auto at = static_cast<std::size_t>((y * 9 + x) * 3);
    return std::vector<int>{pixels[at], pixels[at + 1], pixels[at + 2]};
  };
  EXPECT_THAT(pixel(4, 2), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(pixel(3, 2), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(pixel(2, 2), testing::ElementsAre(7, 8, 9));
  EXPECT_THAT(pixel(0, 0), testing::ElementsAre(7, 8, 9));
  EXPECT_THAT(pixel(8, 4), testing::ElementsAre(7, 8, 9));
}

std::optional<std::string> judge(const std::vector<float>& values, const CardSelfTest& test = {}) {
  return judge_self_test(values, OutputForm::kProbabilities, 1, test);
}

TEST(SelfTest, ProbabilitiesMustAddUp) {
  EXPECT_FALSE(judge({0.5F, 0.5F}));
  EXPECT_FALSE(judge({0.51F, 0.51F}));
  EXPECT_TRUE(judge({0.6F, 0.6F}));
  EXPECT_TRUE(judge({0, 0}));
  EXPECT_TRUE(judge({}));
}

TEST(SelfTest, BytesMayEachBeHalfAStepOff) {
  const std::vector<float> values = {0.5F, 0.25F, 0.125F};
  EXPECT_TRUE(judge_self_test(values, OutputForm::kScaledU8, 1.0F / 256, {}));
  EXPECT_FALSE(judge_self_test(values, OutputForm::kScaledU8, 1.0F / 16, {}));
}

TEST(SelfTest, TheCardsWinnerMustWinWithItsScore) {
  CardSelfTest test;
  test.top = 1;
  test.score = 0.8F;
  test.tolerance = 0.1F;
  EXPECT_FALSE(judge({0.2F, 0.8F}, test));
  EXPECT_FALSE(judge({0.25F, 0.75F}, test));
  EXPECT_THAT(*judge({0.8F, 0.2F}, test), testing::HasSubstr("class 0 instead of 1"));
  EXPECT_THAT(*judge({0.4F, 0.6F}, test), testing::HasSubstr("0.60"));
}

class ObjectSelfTest : public testing::Test {
 protected:
  ObjectSelfTest() {
    test.top = 7;
    test.score = 0.8F;
    test.tolerance = 0.1F;
    test.radius = 0.25F;
  }
  static Prediction object(int index, float score, const Box& box) {
    return {.index = index, .label = "", .score = score, .box = box};
  }
  std::string fault(const std::vector<Prediction>& objects) const {
    return judge_objects(objects, format, test).value_or("");
  }

  CardSelfTest test;
  InputFormat format{.width_px = 80, .height_px = 40, .fit = {}};  // the disc: 30,10 – 50,30
};

TEST_F(ObjectSelfTest, TheDiscIsTheSurestObject) {
  EXPECT_EQ(fault({object(7, 0.8F, {30, 10, 50, 30}), object(2, 0.7F, {0, 0, 5, 5})}), "");
  EXPECT_EQ(fault({object(7, 0.75F, {30, 10, 50, 21})}), "") << "a little more than half of it";
}

TEST_F(ObjectSelfTest, AnotherClassScoreOrPlaceIsAFault) {
  EXPECT_THAT(fault({object(2, 0.8F, {30, 10, 50, 30})}), testing::HasSubstr("class 2 instead of 7"));
  EXPECT_THAT(fault({object(7, 0.6F, {30, 10, 50, 30})}), testing::HasSubstr("0.60"));
  EXPECT_THAT(fault({object(7, 0.8F, {30, 10, 50, 19})}), testing::HasSubstr("box"));
  EXPECT_THAT(fault({object(7, 0.8F, {10, 30, 30, 50})}), testing::HasSubstr("box"));
  EXPECT_EQ(fault({}), "it found nothing");
}

TEST_F(ObjectSelfTest, WithoutAnExpectedClassAnyAnswerPasses) {
  test.top.reset();
  EXPECT_EQ(fault({}), "");
  EXPECT_EQ(fault({object(2, 0.1F, {0, 0, 1, 1})}), "");
}

TEST(SelfTest, NaNNeverPasses) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(judge({nan, 1.0F}));
}

}  // namespace
}  // namespace curlew
