#include "curlew/publish/printable.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace curlew {
namespace {

TEST(Printable, LeavesOrdinaryTextAlone) { EXPECT_EQ(printable("Zaunkönig 🐦 \\ 鳥"), "Zaunkönig 🐦 \\ 鳥"); }

TEST(Printable, ShowsControlCharacters) {
  EXPECT_EQ(printable(std::string("\x1b[31m\a\0", 7)), "\\x1b[31m\\x07\\x00");
  EXPECT_EQ(printable("a\tb\r\nc\x7f"), "a\\tb\\x0d\\nc\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m");
}

TEST(Printable, ShowsWhatTurnsTheDirectionOfWriting) {
  EXPECT_EQ(printable("gpj.\u202e\u2066\u200f\u2028"), "gpj.\\u202e\\u2066\\u200f\\u2028");
}

TEST(Printable, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(printable("\xff"), "\ufffd");
  EXPECT_EQ(printable("a\xc3"), "a\ufffd");
  EXPECT_EQ(printable("\xc0\xafz"), "\ufffd\ufffdz");          // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");  // a surrogate
  EXPECT_EQ(printable("\xe2\x82"
                      "a"),
            "\ufffd\ufffd"
            "a");
}

TEST(Printable, GivesNothingThatItWouldChangeAgain) {
  std::mt19937 random(3);
  for (int round = 0; round < 5'000; ++round) {
    std::string bytes;
    for (auto length = random() % 20; length > 0; --length) bytes += static_cast<char>(random() % 256);
    const std::string once = printable(bytes);
    ASSERT_EQ(printable(once), once);
    for (const char c : once) ASSERT_GE(static_cast<unsigned char>(c), 0x20);
  }
}

}  // namespace
}  // namespace curlew
