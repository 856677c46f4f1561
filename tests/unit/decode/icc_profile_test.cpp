#include "curlew/decode/icc_profile.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "curlew/decode/codec.hpp"
#include "unit/decode/made_jpeg.hpp"
#include "unit/decode/made_profiles.hpp"

namespace curlew {
namespace {

using namespace std::string_literals;

using made::Bytes;

const Bytes& plain_jpeg() {
  static const Bytes kJpeg = made::jpeg(made::four_corners({.width = 20, .height = 10}));
  return kJpeg;
}

Bytes profile_of(std::size_t bytes) {
  Bytes profile(bytes);
  for (std::size_t i = 0; i < bytes; ++i) profile[i] = static_cast<std::byte>(i * 7 + i / 251);
  return profile;
}

TEST(IccOfJpeg, IsEmptyWhereThereIsNone) {
  EXPECT_TRUE(icc_of_jpeg(plain_jpeg()).empty());
  EXPECT_TRUE(icc_of_jpeg({}).empty());
}

TEST(IccOfJpeg, PutsThePartsTogetherInWhateverOrderTheyCome) {
  const Bytes profile = profile_of(150'000);
  auto parts = made::icc_segments(profile, 60'000);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(icc_of_jpeg(made::with_segments(plain_jpeg(), parts)), profile);
  std::swap(parts[0], parts[2]);
  EXPECT_EQ(icc_of_jpeg(made::with_segments(plain_jpeg(), parts)), profile);
  parts.insert(parts.begin() + 1, made::jpeg_segment(0xE2, made::bytes_of("MPF\0another use"s)));
  EXPECT_EQ(icc_of_jpeg(made::with_segments(plain_jpeg(), parts)), profile);
}

TEST(IccOfJpeg, IsEmptyWhereAPartIsMissingOrTwice) {
  const auto parts = made::icc_segments(profile_of(3'000), 1'000);
  EXPECT_TRUE(icc_of_jpeg(made::with_segments(plain_jpeg(), {parts[0], parts[2]})).empty());
  EXPECT_TRUE(icc_of_jpeg(made::with_segments(plain_jpeg(), {parts[0], parts[1], parts[1]})).empty());
  EXPECT_TRUE(icc_of_jpeg(made::with_segments(plain_jpeg(), {parts[0], parts[1], parts[2], parts[0]})).empty());
}

TEST(IccOfJpeg, IsEmptyWhereTheCountsDoNotAgree) {
  const auto body = [](const std::string& numbers) {
    return made::jpeg_segment(0xE2, made::bytes_of("ICC_PROFILE\0"s + numbers + "data"));
  };
  EXPECT_FALSE(icc_of_jpeg(made::with_segments(plain_jpeg(), {body("\1\1"s)})).empty());
  EXPECT_TRUE(icc_of_jpeg(made::with_segments(plain_jpeg(), {body("\0\1"s)})).empty());
  EXPECT_TRUE(icc_of_jpeg(made::with_segments(plain_jpeg(), {body("\2\1"s)})).empty());
  EXPECT_TRUE(icc_of_jpeg(made::with_segments(plain_jpeg(), {body("\1\0"s)})).empty());
  EXPECT_TRUE(icc_of_jpeg(made::with_segments(plain_jpeg(), {body("\1\2"s), body("\2\3"s)})).empty());
}

TEST(IccOfJpeg, IsEmptyWhereAPartHasNothingInIt) {
  for (const std::string& part : {"ICC_PROFILE\0"s, "ICC_PROFILE\0\1"s, "ICC_PROFILE\0\1\1"s}) {
    EXPECT_TRUE(
        icc_of_jpeg(made::with_segments(plain_jpeg(), {made::jpeg_segment(0xE2, made::bytes_of(part))})).empty());
  }
}

TEST(IccOfJpeg, IsEmptyWhereThereIsMoreThanTheLimit) {
  const Bytes most = profile_of(kMaxProfileBytes);
  EXPECT_EQ(icc_of_jpeg(made::with_segments(plain_jpeg(), made::icc_segments(most, 65'000))), most);
  const Bytes more = profile_of(kMaxProfileBytes + 1);
  EXPECT_TRUE(icc_of_jpeg(made::with_segments(plain_jpeg(), made::icc_segments(more, 65'000))).empty());
}

Bytes iccp(std::span<const std::byte> profile, const std::string& name = "a name") {
  Bytes body = made::bytes_of(name + "\0\0"s);
  uLongf size = compressBound(profile.size());
  Bytes packed(size);
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(profile.data()),
            profile.size(), 1);
  packed.resize(size);
  made::append(body, packed);
  return body;
}

TEST(IccOfPng, UnpacksTheProfile) {
  for (const std::size_t bytes : {1U, 500U, 16U * 1024, 16U * 1024 + 1, 700'000U}) {
    const Bytes profile = profile_of(bytes);
    EXPECT_EQ(icc_of_png(iccp(profile)), profile) << bytes;
  }
}

TEST(IccOfPng, UnpacksNoMoreThanTheLimit) {
  const Bytes most(kMaxProfileBytes);
  EXPECT_EQ(icc_of_png(iccp(most)), most);
  const Bytes bomb = iccp(Bytes(std::size_t{100} * kMiB));
  EXPECT_LT(bomb.size(), 1024U * 1024);
  EXPECT_TRUE(icc_of_png(bomb).empty());
}

TEST(IccOfPng, IsEmptyWhereTheChunkIsDamaged) {
  const Bytes good = iccp(profile_of(2'000));
  for (std::size_t length = 0; length < good.size(); ++length) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_TRUE(icc_of_png(cut).empty()) << length;
  }
  Bytes other_method = good;
  other_method[7] = std::byte{1};
  EXPECT_TRUE(icc_of_png(other_method).empty());
  Bytes no_stream = good;
  no_stream[8] = std::byte{0xFF};
  EXPECT_TRUE(icc_of_png(no_stream).empty());
  EXPECT_TRUE(icc_of_png(iccp(profile_of(10), std::string(80, 'n'))).empty()) << "a name of 80 letters";
  EXPECT_FALSE(icc_of_png(iccp(profile_of(10), std::string(79, 'n'))).empty());
}

}  // namespace
}  // namespace curlew
