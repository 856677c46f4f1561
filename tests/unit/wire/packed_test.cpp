#include "curlew/wire/packed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

#include "unit/wire/frames.hpp"

namespace curlew {
namespace {

using namespace std::string_literals;

std::string lists(std::size_t depth) { return std::string(depth, '\x91') + '\xc0'; }

std::string maps(std::size_t depth) {
  std::string bytes;
  for (std::size_t i = 0; i < depth; ++i) bytes += "\x81\xa0";
  return bytes + '\xc0';
}

TEST(PackedFault, LetsContainersNest1024Deep) {
  EXPECT_EQ(packed_fault(lists(1024)), std::nullopt);
  EXPECT_EQ(packed_fault(maps(1024)), std::nullopt);
  EXPECT_EQ(packed_fault(lists(1025)), "StackError()");
  EXPECT_EQ(packed_fault(maps(1025)), "StackError()");
  EXPECT_EQ(packed_fault(std::string(1024, '\x91') + '\x90'), "StackError()") << "an empty one counts";
}

TEST(PackedFault, StopsAtAMillionLevels) {
  EXPECT_EQ(packed_fault(lists(1'000'000)), "StackError()");
  EXPECT_EQ(packed_fault(maps(1'000'000)), "StackError()");
}

TEST(PackedFault, CountsLevelsAndNotContainers) {
  std::string many = "\xdd\x00\x01\x00\x00"s;
  for (int i = 0; i < 0x10000; ++i) many += '\x90';
  EXPECT_EQ(packed_fault(many), std::nullopt);
}

TEST(PackedFault, BelievesNoHeader) {
  EXPECT_EQ(packed_fault("\xdd\xff\xff\xff\xff"), "ValueError('4294967295 exceeds max_array_len(5)')");
  EXPECT_EQ(packed_fault("\xdf\xff\xff\xff\xff"), "ValueError('4294967295 exceeds max_map_len(2)')");
  for (const char* header :
       {"\xdb\xff\xff\xff\xff", "\xc6\xff\xff\xff\xff", "\xc9\xff\xff\xff\xff\x05", "\xd9", "\xa1"}) {
    EXPECT_EQ(packed_fault(header), "ValueError('Unpack failed: incomplete input')");
  }
}

TEST(PackedFault, WantsOneWholeValue) {
  EXPECT_EQ(packed_fault(""), "ValueError('Unpack failed: incomplete input')");
  EXPECT_EQ(packed_fault("\x92\xc0"), "ValueError('Unpack failed: incomplete input')");
  EXPECT_EQ(packed_fault("\xc0\xc0"), "ExtraData('1 bytes follow the value')");
  EXPECT_EQ(packed_fault("\xc1"), "FormatError()");
  EXPECT_EQ(packed_fault("\x91\xc1"), "FormatError()");
}

TEST(PackedFault, WantsTextsOrBytesAsKeys) {
  for (const auto& [key, name] :
       std::initializer_list<std::pair<std::string, std::string>>{{"\x01", "int"},
                                                                  {"\xc0", "NoneType"},
                                                                  {"\xc3", "bool"},
                                                                  {"\xca\x3f\x80\x00\x00"s, "float"},
                                                                  {"\x90", "list"},
                                                                  {"\x80", "dict"},
                                                                  {"\xd4\x05\x01", "ExtType"},
                                                                  {"\xd6\xff\x00\x00\x00\x01"s, "Timestamp"}}) {
    EXPECT_EQ(packed_fault("\x81" + key + "\x02"),
              "ValueError('" + name + " is not allowed for map key when strict_map_key=True')");
  }
  EXPECT_EQ(packed_fault("\x81\xa1\x61\x81\xa1\x62\x02"), std::nullopt);
  EXPECT_EQ(packed_fault("\x81\xc4\x01\x61\x02"), std::nullopt);
  EXPECT_NE(packed_fault("\x82\xa1\x61\x01\x02\x03"), std::nullopt) << "the second key";
  EXPECT_NE(packed_fault("\x81\xa1\x61\x81\x01\x02"), std::nullopt) << "a key of a map inside";
}

TEST(PackedFault, WantsUtf8InTextsAndNotInBytes) {
  EXPECT_NE(packed_fault("\xa1\xff"), std::nullopt);
  EXPECT_NE(packed_fault("\x81\xa1\xff\x01"), std::nullopt);
  EXPECT_NE(packed_fault("\xa3\xed\xa0\x80"), std::nullopt);
  EXPECT_EQ(packed_fault("\xc4\x01\xff"), std::nullopt);
}

TEST(PackedFault, KnowsWhichExtensionsPythonTakes) {
  EXPECT_EQ(packed_fault("\xd4\x05\x01"), std::nullopt);
  EXPECT_EQ(packed_fault("\xc7\x00\x7f"s), std::nullopt);
  EXPECT_EQ(packed_fault("\xd4\x81\x01"), "ValueError('code must be 0~127')");
  EXPECT_EQ(packed_fault("\xd6\xff\x00\x00\x00\x01"s), std::nullopt);
  EXPECT_EQ(packed_fault("\xd4\xff\x00"s), "ValueError('invalid timestamp data (length 1)')");
  EXPECT_THAT(packed_fault("\xd7\xff\xff\xff\xff\xff\x00\x00\x00\x00"s).value_or(""),
              testing::HasSubstr("nanoseconds"));
  EXPECT_EQ(packed_fault("\xc7\x0c\xff\x3b\x9a\xc9\xff\x00\x00\x00\x00\x00\x00\x00\x00"s), std::nullopt);
  EXPECT_NE(packed_fault("\xc7\x0c\xff\x3b\x9a\xca\x00\x00\x00\x00\x00\x00\x00\x00\x00"s), std::nullopt);
}

TEST(PackedReader, ReadsNumbersOfAnyWidth) {
  const auto integer = [](std::string_view bytes) { return integer_in(bytes, INT64_MIN, INT64_MAX); };
  EXPECT_EQ(integer("\x05"), 5);
  EXPECT_EQ(integer("\xe0"), -32);
  EXPECT_EQ(integer("\xd0\x05"), 5);
  EXPECT_EQ(integer("\xd0\x80"), -128);
  EXPECT_EQ(integer("\xcd\x01\x00"s), 256);
  EXPECT_EQ(integer("\xd1\xff\x7f"), -129);
  EXPECT_EQ(integer("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"s), INT64_MIN);
  EXPECT_EQ(integer("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), INT64_MAX) << "the greatest there is";
  EXPECT_EQ(integer("\xca\x40\x40\x00\x00"s), 3) << "3.0";
  EXPECT_EQ(integer("\xca\x40\x60\x00\x00"s), std::nullopt) << "3.5";
  EXPECT_EQ(integer("\xc3"), std::nullopt);
  EXPECT_EQ(number_in("\xca\x3f\xc0\x00\x00"s), 1.5);
  EXPECT_EQ(number_in("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"s), std::nullopt) << "NaN";
}

TEST(PackedReader, GivesNilForeverAtAFault) {
  PackedReader reader("\x92\xa5\x61");
  EXPECT_EQ(reader.next().count, 2U);
  EXPECT_EQ(reader.next().kind, PackedKind::kNil);
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.next_whole(), "");
}

TEST(PackedReader, PassesOverWholeValues) {
  const std::string list = packed({1, {{"a", {1, 2, {3}}}, {"b", nullptr}}, "x"});
  PackedReader reader(list);
  EXPECT_EQ(reader.next().count, 3U);
  EXPECT_EQ(reader.next_whole(), "\x01");
  EXPECT_EQ(Json::from_msgpack(reader.next_whole()), Json({{"a", {1, 2, {3}}}, {"b", nullptr}}));
  EXPECT_EQ(text_in(reader.next_whole()), "x");
  EXPECT_TRUE(reader.at_end());
}

TEST(PackedReader, TakesTheLastOfTwoMembersOfOneName) {
  constexpr std::array<std::string_view, 2> kNames{"a", "c"};
  const auto [a, c] = members_of("\x83\xa1\x61\x01\xa1\x62\x02\xa1\x61\x03", kNames);
  EXPECT_EQ(a, "\x03");
  EXPECT_EQ(c, "");
}

TEST(PackedReader, KnowsWhatPythonTakesForTrue) {
  for (const auto& bytes :
       {"\xc0"s, "\xc2"s, "\x00"s, "\x90"s, "\x80"s, "\xa0"s, "\xc4\x00"s, "\xca\x00\x00\x00\x00"s}) {
    EXPECT_FALSE(is_truthy(outline(bytes)));
  }
  for (const auto& bytes : {"\xc3"s, "\x01"s, "\x91\xc0"s, "\xa1\x61"s, "\xc4\x01\x00"s, "\xd4\x05\x00"s}) {
    EXPECT_TRUE(is_truthy(outline(bytes)));
  }
}

}  // namespace
}  // namespace curlew
