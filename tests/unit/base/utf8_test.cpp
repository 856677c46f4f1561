#include "curlew/base/utf8.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace curlew {
namespace {

TEST(Utf8, TakesEveryLengthOfCharacter) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa6"));
  EXPECT_TRUE(is_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
  for (const char* text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x90", "\xc3(", "\xe2(\xa1", "\xe2\x82("}) {
    EXPECT_EQ(utf8_bytes(text), 0U) << text;
  }
  EXPECT_EQ(utf8_bytes("ab\xff"
                       "c"),
            2U);
}

TEST(Utf8, GivesTheCharacter) {
  for (const auto& [text, code] : {std::pair{"a", U'a'},
                                   {"\xc3\xa9z", U'\u00e9'},
                                   {"\xe2\x82\xac", U'\u20ac'},
                                   {"\xf0\x9f\x90\xa6", U'\U0001f426'}})
    EXPECT_EQ(first_character(text).code, code) << text;
  EXPECT_EQ(first_character("\xc3\xa9z").bytes, 2U);
  EXPECT_EQ(first_character("").bytes, 0U);
}

TEST(Utf8, ReplacesOnlyBytesThatBelongToNoCharacter) {
  EXPECT_EQ(as_utf8("a\xff\xc3\xa9\xe2\x82z"), "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbdz");
  EXPECT_EQ(as_utf8(""), "");
}

}  // namespace
}  // namespace curlew
