#include "curlew/infer/early_lane.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace curlew {
namespace {

constexpr ReadOptions kTopOne = {.top = 1, .threshold = 0.5F};

/// Says the first value of its picture.
class EchoLane final : public Lane {
 public:
  explicit EchoLane(int side_px)
      : format_{.width_px = side_px, .height_px = side_px, .fit = {}},
        pixels_(static_cast<std::size_t>(side_px) * static_cast<std::size_t>(side_px) * 3) {}
  const InputFormat& input_format() const override { return format_; }
  const ModelId& model() const override { return model_; }
  std::span<std::uint8_t> input() override { return pixels_; }
  Result<Answer> run(const Placement& /*placement*/, const ReadOptions& /*options*/) override {
    return Answer{.predictions = {{.index = pixels_.front(), .label = {}, .score = 1.0F, .box = {}}},
                  .background_score = {}};
  }

 private:
  InputFormat format_;
  ModelId model_{.name = "echo", .sha256 = "00"};
  std::vector<std::uint8_t> pixels_;
};

class Early : public testing::Test {
 protected:
  EarlyLane lane_that_opens(int side_px) {
    return {{.width_px = 4, .height_px = 4, .fit = {}},
            {.name = "echo", .sha256 = "00"},
            [this, side_px]() -> Result<std::unique_ptr<Lane>, ModelUnavailable> {
              ++opened;
              if (side_px == 0) return tl::make_unexpected(ModelUnavailable{"it failed its self-test"});
              return std::make_unique<EchoLane>(side_px);
            }};
  }
  static int answer(Lane& lane, std::uint8_t value) {
    std::ranges::fill(lane.input(), value);
    const auto said = lane.run({}, kTopOne);
    return said ? said->predictions.front().index : -1;
  }
  int opened = 0;
};

TEST_F(Early, APictureIsTakenBeforeTheModelIsThere) {
  EarlyLane lane = lane_that_opens(4);
  EXPECT_EQ(lane.input_format().width_px, 4);
  EXPECT_EQ(lane.model().name, "echo");
  ASSERT_EQ(lane.input().size(), 48U);
  std::ranges::fill(lane.input(), std::uint8_t{17});
  EXPECT_EQ(opened, 0) << "nobody has waited";
  lane.await();
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(lane.run({}, kTopOne)->predictions.front().index, 17);
  EXPECT_EQ(answer(lane, 23), 23) << "the next picture goes to the lane itself";
  EXPECT_EQ(opened, 1);
}

TEST_F(Early, WhoDoesNotAwaitWaitsInTheRun) {
  EarlyLane lane = lane_that_opens(4);
  EXPECT_EQ(answer(lane, 5), 5);
  EXPECT_EQ(opened, 1);
}

TEST_F(Early, AModelThatIsNotToBeHadAnswersNothing) {
  EarlyLane lane = lane_that_opens(0);
  for (int i = 0; i < 2; ++i) {
    const auto said = lane.run({}, kTopOne);
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, ErrorCode::kInferenceFailed);
    EXPECT_EQ(lane.input().size(), 48U) << "the next picture is decoded all the same";
  }
  EXPECT_EQ(opened, 1);
}

TEST_F(Early, ANetworkOfAnotherSizeDoesNotGetThePicture) {
  EarlyLane lane = lane_that_opens(5);
  EXPECT_EQ(answer(lane, 9), -1);
}

}  // namespace
}  // namespace curlew
