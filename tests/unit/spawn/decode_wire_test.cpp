#include "curlew/spawn/decode_wire.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>

namespace curlew {
namespace {

constexpr DecodeLimits kLimits{.pixels = 2'000'000, .side_px = 4'000};
const DecodeRequest kRequest{.picture_bytes = 777, .format = {.width_px = 20, .height_px = 10, .fit = {}}};

DecodedPicture picture() {
  DecodedPicture picture;
  picture.info = {.width_px = 640, .height_px = 480, .format = PictureFormat::kWebp, .bytes = 777, .sha256 = {}};
  picture.placement = {.original_width_px = 640,
                       .original_height_px = 480,
                       .scale_x = 0.5,
                       .scale_y = 0.25,
                       .offset_x_px = -3,
                       .offset_y_px = 4};
  return picture;
}

TEST(DecodeWire, BringsAPictureAsItWas) {
  const auto there = picture_of(reply_of(picture()), kRequest, kLimits);
  ASSERT_TRUE(there && *there);
  EXPECT_EQ((*there)->info.width_px, 640);
  EXPECT_EQ((*there)->info.height_px, 480);
  EXPECT_EQ((*there)->info.format, PictureFormat::kWebp);
  EXPECT_EQ((*there)->info.bytes, 777U);
  EXPECT_EQ((*there)->placement.scale_y, 0.25);
  EXPECT_EQ((*there)->placement.offset_x_px, -3);
}

TEST(DecodeWire, BringsAnErrorAsItWas) {
  const auto there = picture_of(reply_of(failure(ErrorCode::kTooManyPixels, "too many")), kRequest, kLimits);
  ASSERT_TRUE(there);
  ASSERT_FALSE(*there);
  EXPECT_EQ(there->error().code, ErrorCode::kTooManyPixels);
  EXPECT_EQ(there->error().message, "too many");
}

TEST(DecodeWire, CutsAMessageThatIsTooLongAndCleansWhatIsNoText) {
  const std::string text = "\x1B[2J\xFF" + std::string(1'000, 'a');
  const auto there = picture_of(reply_of(failure(ErrorCode::kDecodeFailed, text)), kRequest, kLimits);
  ASSERT_TRUE(there && !*there);
  EXPECT_EQ(there->error().message, "?[2J?" + std::string(ChildText{}.text.size() - 5, 'a'));
}

TEST(DecodeWire, BelievesNoLengthOfAMessage) {
  auto reply = reply_of(failure(ErrorCode::kDecodeFailed, "short"));
  reply.message.bytes = std::numeric_limits<std::uint16_t>::max();
  EXPECT_LE(printable_text(reply.message).size(), reply.message.text.size());
}

TEST(DecodeWire, BelievesNoErrorThatDecodersDoNotGive) {
  for (const auto code : {ErrorCode::kTimeout, ErrorCode::kUrlInvalid, static_cast<ErrorCode>(200)}) {
    auto reply = reply_of(failure(ErrorCode::kDecodeFailed, "x"));
    reply.code = code;
    EXPECT_FALSE(picture_of(reply, kRequest, kLimits)) << static_cast<int>(code);
  }
}

TEST(DecodeWire, BelievesNoPictureThatCannotBe) {
  const auto refuses = [](const std::function<void(DecodeReply&)>& change) {
    auto reply = reply_of(picture());
    change(reply);
    return !picture_of(reply, kRequest, kLimits).has_value();
  };
  EXPECT_FALSE(refuses([](DecodeReply&) {}));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.width_px = r.placement.original_width_px = 0; }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.height_px = r.placement.original_height_px = -1; }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.width_px = r.placement.original_width_px = 4'001; }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.height_px = r.placement.original_height_px = 3'500; }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.format = static_cast<PictureFormat>(77); }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.bytes = 778; }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.placement.original_width_px = 641; }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.placement.scale_x = 0; }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.placement.scale_y = std::numeric_limits<double>::quiet_NaN(); }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.placement.offset_x_px = std::numeric_limits<double>::infinity(); }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.verdict = DecodeVerdict::kNeedsLoading; }));
  EXPECT_TRUE(refuses([](DecodeReply& r) { r.verdict = static_cast<DecodeVerdict>(99); }));
}

TEST(DecodeWire, SurvivesAnyBytes) {
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::array<unsigned char, sizeof(DecodeReply)> noise{};
    for (auto& byte : noise) byte = static_cast<unsigned char>(random() % 5 == 0 ? random() : 0);
    DecodeReply reply;
    std::memcpy(static_cast<void*>(&reply), noise.data(), noise.size());
    const auto there = picture_of(reply, kRequest, kLimits);
    if (there && *there) {
      EXPECT_LE((*there)->info.width_px, kLimits.side_px);
    }
  }
}

}  // namespace
}  // namespace curlew
