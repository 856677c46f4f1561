#include "curlew/infer/labels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace curlew {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::string& text, LabelFormat format) {
  const auto labels = parse_labels(text, format);
  return labels ? "accepted" : labels.error().message;
}

TEST(Labels, LineNumberIsTheClass) {
  EXPECT_THAT(*parse_labels("tench\n\nshark\n", LabelFormat::kLines), ElementsAre("tench", "", "shark"));
}

TEST(Labels, LastLineNeedsNoNewline) { EXPECT_THAT(*parse_labels("a\nb", LabelFormat::kLines), ElementsAre("a", "b")); }

TEST(Labels, BomAndCrLfAreUnderstood) {
  EXPECT_THAT(*parse_labels("\xef\xbb\xbf"
                            "a\r\nb\r\n",
                            LabelFormat::kLines),
              ElementsAre("a", "b"));
}

TEST(Labels, CommaIdsMayComeInAnyOrderUnderAHeader) {
  EXPECT_THAT(
      *parse_labels("id,name\n2,background\n0,Pica pica\n1,\"Crow, \"\"black\"\"\"\n", LabelFormat::kIdCommaName),
      ElementsAre("Pica pica", "Crow, \"black\"", "background"));
}

TEST(Labels, SpacedIdsLeaveGaps) {
  EXPECT_THAT(*parse_labels("1 person\n3  car of two\n", LabelFormat::kIdSpaceName),
              ElementsAre("", "person", "", "car of two"));
}

TEST(Labels, ControlCharactersBecomeSpaces) {
  EXPECT_THAT(*parse_labels("a\x1b[31mb\n", LabelFormat::kLines), ElementsAre("a [31mb"));
}

TEST(Labels, HostileListsAreRefused) {
  EXPECT_THAT(refusal("", LabelFormat::kLines), HasSubstr("empty"));
  EXPECT_THAT(refusal("\n\n", LabelFormat::kLines), HasSubstr("empty"));
  EXPECT_THAT(refusal("a\xff\n", LabelFormat::kLines), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal("\xc0\xaf\n", LabelFormat::kLines), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal("\xed\xa0\x80\n", LabelFormat::kLines), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal("\xf4\x90\x80\x80\n", LabelFormat::kLines), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal("a\xe2\x82", LabelFormat::kLines), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal(std::string(600, 'x'), LabelFormat::kLines), HasSubstr("too long"));
  EXPECT_THAT(refusal("99999999,x\n", LabelFormat::kIdCommaName), HasSubstr("number"));
  EXPECT_THAT(refusal("-1,x\n", LabelFormat::kIdCommaName), HasSubstr("number"));
  EXPECT_THAT(refusal("name only\n", LabelFormat::kIdCommaName), HasSubstr("line 1"));
  EXPECT_THAT(refusal("1,a\n1,b\n", LabelFormat::kIdCommaName), HasSubstr("already"));
  EXPECT_THAT(refusal(std::string(17 * kMiB, '\n'), LabelFormat::kLines), HasSubstr("larger"));
}

TEST(Labels, ReadsWhatIsWrittenInGreekAndEmoji) {
  EXPECT_THAT(*parse_labels("αβγ\n🐦\n", LabelFormat::kLines), ElementsAre("αβγ", "🐦"));
}

TEST(Labels, ClassWithoutLabelIsNumbered) {
  EXPECT_EQ(label_of({"a", ""}, 0), "a");
  EXPECT_EQ(label_of({"a", ""}, 1), "class 1");
  EXPECT_EQ(label_of({"a", ""}, 17), "class 17");
}

}  // namespace
}  // namespace curlew
