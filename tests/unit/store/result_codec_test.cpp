#include "curlew/store/result_codec.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <variant>

namespace curlew {
namespace {

ItemResult a_success() {
  Success success;
  success.model = {.name = "birds", .sha256 = std::string(64, 'a')};
  success.image = {.width_px = 640, .height_px = 480, .format = PictureFormat::kAvif, .bytes = 1234567, .sha256 = "ff"};
  success.image.thumbnail = std::string("\xff\xd8\0jpeg", 7);
  success.answer.background_score = 0.25F;
  success.answer.predictions = {{.index = 3, .label = "Larus", .score = 0.75F, .box = std::nullopt},
                                {.index = 4, .label = "Sterna", .score = 0.5F, .box = Box{1, 2, 3, 4}}};
  return {.batch = "b", .index = 7, .url = "u", .outcome = success, .timings = {.fetch_ms = 0.1, .total_ms = 3}};
}

ItemResult an_error() {
  ItemResult result = a_success();
  result.outcome = make_http_status_error(503);
  return result;
}

TEST(ResultCodec, LeavesBatchIndexAndUrlAlone) {
  ItemResult read{.batch = "other", .index = 9, .url = "another", .outcome = Error{}, .timings = {}};
  ASSERT_TRUE(decode_outcome(encode_outcome(a_success()), read));
  EXPECT_EQ(read.batch, "other");
  EXPECT_EQ(read.index, 9U);
  EXPECT_EQ(read.url, "another");
  EXPECT_EQ(encode_outcome(read), encode_outcome(a_success()));
  EXPECT_EQ(std::get<Success>(read.outcome).answer.predictions.at(1).box->x2, 3.0F);
}

/// What the first version kept of a_success().
std::string of_the_first_version() {
  static constexpr std::string_view kHex =
      "0100000000000000009a9999999999b93f000000000000000000000000000000000000000000000840000500000062697264"
      "7340000000616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161"
      "6161616161616161616161616161616161616180020000e00100000587d6120000000000020000006666010000803e020000"
      "0003000000050000004c617275730000403f000400000006000000537465726e610000003f010000803f0000004000004040"
      "00008040";
  std::string bytes;
  for (std::size_t i = 0; i < kHex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(kHex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

TEST(ResultCodec, AThumbnailComesBackBitByBit) {
  ItemResult read;
  ASSERT_TRUE(decode_outcome(encode_outcome(a_success()), read));
  EXPECT_EQ(std::get<Success>(read.outcome).image.thumbnail, std::string("\xff\xd8\0jpeg", 7));
}

TEST(ResultCodec, ReadsWhatTheFirstVersionKeptWhichHadNoThumbnails) {
  ItemResult read;
  ASSERT_TRUE(decode_outcome(of_the_first_version(), read));
  EXPECT_EQ(std::get<Success>(read.outcome).image.thumbnail, "");
  std::get<Success>(read.outcome).image.thumbnail = std::get<Success>(a_success().outcome).image.thumbnail;
  EXPECT_EQ(encode_outcome(read), encode_outcome(a_success())) << "all else is there";
  const std::string bytes = of_the_first_version();
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_outcome(bytes.substr(0, size), read));
  std::string as_second = bytes;
  as_second[0] = '\x02';
  EXPECT_FALSE(decode_outcome(as_second, read)) << "one is never taken for the other";
  std::string error = encode_outcome(an_error());
  error[0] = '\x01';
  ASSERT_TRUE(decode_outcome(error, read));
  EXPECT_EQ(std::get<Error>(read.outcome).http_status, 503) << "errors are in both what they were";
}

TEST(ResultCodec, BelievesNoLengthOfAThumbnail) {
  std::string bytes = encode_outcome(a_success());
  const std::size_t length = bytes.find(std::string("\x07\0\0\0\xff\xd8", 6));
  ASSERT_NE(length, std::string::npos);
  for (const char last : {'\x7f', '\xff'}) {
    for (std::size_t i = 0; i < 4; ++i) bytes[length + i] = '\xff';
    bytes[length + 3] = last;
    ItemResult read;
    EXPECT_FALSE(decode_outcome(bytes, read));
  }
}

TEST(ResultCodec, RefusesEveryCutAndEveryAddition) {
  for (const ItemResult& result : {a_success(), an_error()}) {
    const std::string bytes = encode_outcome(result);
    ItemResult read;
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_outcome(bytes.substr(0, size), read));
    EXPECT_FALSE(decode_outcome(bytes + '\0', read));
  }
}

TEST(ResultCodec, RefusesVersionsKindsAndCodesThatItDoesNotKnow) {
  ItemResult read;
  constexpr std::size_t kKind = 41;  // behind the version and five numbers of eight bytes
  for (const std::size_t place : {std::size_t{0}, kKind, kKind + 1}) {
    std::string bytes = encode_outcome(an_error());
    bytes[place] = '\x7f';
    EXPECT_FALSE(decode_outcome(bytes, read)) << place;
  }
}

TEST(ResultCodec, ReadsDamagedBytesWithoutHarm) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = encode_outcome(i % 2 == 0 ? a_success() : an_error());
    for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    ItemResult read;
    if (decode_outcome(bytes, read) && bytes.front() == '\x02') {  // 1 is read, and not written
      EXPECT_EQ(encode_outcome(read), bytes);
    }
  }
}

TEST(ResultCodec, BelievesNoLengthThatTheBytesCannotHold) {
  std::string bytes = encode_outcome(a_success());
  constexpr std::size_t kNameLength = 42;
  for (std::size_t i = 0; i < 4; ++i) bytes[kNameLength + i] = '\xff';
  ItemResult read;
  EXPECT_FALSE(decode_outcome(bytes, read));
}

}  // namespace
}  // namespace curlew
