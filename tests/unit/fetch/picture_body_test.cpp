#include "curlew/fetch/picture_body.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace curlew {
namespace {

std::vector<std::byte> bytes(std::size_t count) { return std::vector<std::byte>(count, std::byte{7}); }

AnswerHead head(std::optional<ByteCount> length) {
  return AnswerHead{.status = 200, .length = length, .content_range = ""};
}

TEST(PictureBody, ReservesWhatIsDeclared) {
  ByteBudget budget(1000);
  PictureBody body(budget, 500);
  ASSERT_EQ(*body.begin(head(300)), Body::Room::kReady);
  EXPECT_EQ(budget.used(), 300U);
  EXPECT_TRUE(body.write(bytes(300)));
  body.finish();
  const auto fetched = body.take();
  EXPECT_EQ(fetched->bytes.size(), 300U);
  EXPECT_EQ(fetched->reservation.size(), 300U);
}

TEST(PictureBody, ReservesTheLimitWhereNothingIsDeclaredAndShrinksAtTheEnd) {
  ByteBudget budget(1000);
  PictureBody body(budget, 500);
  ASSERT_EQ(*body.begin(head(std::nullopt)), Body::Room::kReady);
  EXPECT_EQ(budget.used(), 500U);
  EXPECT_TRUE(body.write(bytes(20)));
  body.finish();
  EXPECT_EQ(budget.used(), 20U);
}

TEST(PictureBody, SaysWhenThereIsNoRoom) {
  ByteBudget budget(1000);
  auto taken = budget.try_reserve(900);
  PictureBody body(budget, 500);
  EXPECT_EQ(*body.begin(head(300)), Body::Room::kNone);
  EXPECT_EQ(*body.begin(head(0)), Body::Room::kReady);  // what is empty needs none
  taken->shrink_to(0);
  EXPECT_EQ(*body.begin(head(300)), Body::Room::kReady);
}

TEST(PictureBody, RefusesMoreThanTheLimit) {
  ByteBudget budget(1000);
  PictureBody body(budget, 500);
  EXPECT_EQ(body.begin(head(501)).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(budget.used(), 0U);
  ASSERT_TRUE(body.begin(head(std::nullopt)));
  EXPECT_TRUE(body.write(bytes(500)));
  EXPECT_EQ(body.write(bytes(1)).error().code, ErrorCode::kTooLarge);
}

TEST(PictureBody, RefusesMoreThanWasDeclared) {
  ByteBudget budget(1000);
  PictureBody body(budget, 500);
  ASSERT_TRUE(body.begin(head(10)));
  EXPECT_EQ(body.write(bytes(11)).error().code, ErrorCode::kTooLarge);
}

TEST(PictureBody, GivesEverythingBackWhenATryFails) {
  ByteBudget budget(1000);
  PictureBody body(budget, 500);
  ASSERT_TRUE(body.begin(head(300)));
  ASSERT_TRUE(body.write(bytes(100)));
  body.reset();
  EXPECT_EQ(budget.used(), 0U);
  ASSERT_TRUE(body.begin(head(50)));
  ASSERT_TRUE(body.write(bytes(50)));
  body.finish();
  EXPECT_EQ(body.take()->bytes.size(), 50U);
}

}  // namespace
}  // namespace curlew
