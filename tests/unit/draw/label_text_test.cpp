#include "curlew/draw/label_text.hpp"

#include <gtest/gtest.h>

#include <random>

namespace curlew {
namespace {

/// Each character is half an em wide; there are none beyond U+2FFF but the replacement.
std::optional<double> half(char32_t c) { return c < 0x3000 ? std::optional(0.5) : std::nullopt; }

std::string utf8(const std::u32string& text) {
  std::string bytes;
  for (const char32_t c : text) {
    const auto put = [&](unsigned value) { bytes += static_cast<char>(value); };
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0U | (c >> 6U));
      put(0x80U | (c & 0x3FU));
    } else {
      put(0xE0U | (c >> 12U));
      put(0x80U | ((c >> 6U) & 0x3FU));
      put(0x80U | (c & 0x3FU));
    }
  }
  return bytes;
}

std::string text(std::string_view label, float score = 0.87F, double most_em = 100) {
  const auto made = label_text(label, 17, score, most_em, half);
  return made ? utf8(made->characters) : "nothing";
}

TEST(LabelText, TellsLabelAndScore) {
  EXPECT_EQ(text("dog"), "dog 87 %");
  EXPECT_EQ(text("dog", 0.999F), "dog 100 %");
  EXPECT_EQ(text("dog", 0.004F), "dog 0 %");
  EXPECT_DOUBLE_EQ(label_text("dog", 17, 0.87F, 100, half)->width_em, 4.0);
}

TEST(LabelText, ShortensALongLabelToItsRoomAndKeepsTheScore) {
  EXPECT_EQ(text("Staffordshire bullterrier", 0.5F, 8.0), "Staffordsh… 50 %");
  EXPECT_EQ(text("hot dog stand", 0.5F, 5.0), "hot… 50 %") << "no gap before the dots";
  EXPECT_EQ(text("dog", 0.87F, 4.0), "dog 87 %") << "just so";
}

TEST(LabelText, IsLeftOutWhereNothingThatTellsAnythingWouldFit) {
  EXPECT_EQ(text("Staffordshire", 0.5F, 4.4), "nothing");
  EXPECT_EQ(text("dog", 0.87F, 3.9), "nothing");
  EXPECT_EQ(text("dog", 0.87F, 0), "nothing");
  EXPECT_EQ(text("dog", 0.87F, -5), "nothing");
}

TEST(LabelText, KeepsCharactersOfManyScripts) {
  EXPECT_EQ(text("Goéland à queue noire"), "Goéland à queue noire 87 %");
  EXPECT_EQ(text("собака"), "собака 87 %");
}

TEST(LabelText, LeavesOutWhatTheTypefaceDoesNotHave) {
  EXPECT_EQ(text("dog \xF0\x9F\x90\xB6"), "dog 87 %");
  EXPECT_EQ(text("\xE7\x8A\xAC"), "class 17 87 %") << "a label of such characters only";
  EXPECT_EQ(text("\xD7\x9B\xD7\x9C\xD7\x91"), "class 17 87 %") << "Hebrew would have to be written from the right";
  EXPECT_EQ(text(""), "class 17 87 %");
}

TEST(LabelText, LeavesOutControlCharactersAndWhatIsNotUtf8) {
  EXPECT_EQ(text("d\x1b[31mo\xFF\xC0\xAFg\xE2\x80\xAE"), "d[31mog 87 %");
  EXPECT_EQ(text("  hot \t\n dog  "), "hot dog 87 %");
  EXPECT_EQ(text("\xED\xA0\x80x\xF4\x90\x80\x80\xE2\x82"), "x 87 %") << "a surrogate, beyond Unicode, cut off";
}

TEST(LabelText, NeverIsWiderThanItsRoom) {
  std::mt19937 random(1);
  for (int round = 0; round < 5000; ++round) {
    std::string label;
    const int length = std::uniform_int_distribution(0, 60)(random);
    for (int i = 0; i < length; ++i) label += static_cast<char>(std::uniform_int_distribution(0, 255)(random));
    const double room = std::uniform_real_distribution(0.0, 20.0)(random);
    const auto made = label_text(label, 3, 0.5F, room, half);
    if (!made) continue;
    ASSERT_LE(made->width_em, room);
    ASSERT_NEAR(made->width_em, 0.5 * static_cast<double>(made->characters.size()), 1e-9);
  }
}

}  // namespace
}  // namespace curlew
