#include "curlew/base/metric_text.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace curlew {
namespace {

TEST(MetricText, WritesNumbersAsTheFormatHasThem) {
  using Limits = std::numeric_limits<double>;
  EXPECT_EQ(metric_number(0), "0");
  EXPECT_EQ(metric_number(1), "1");
  EXPECT_EQ(metric_number(-2.5), "-2.5");
  EXPECT_EQ(metric_number(0.0005), "0.0005");
  EXPECT_EQ(metric_number(123456789012), "123456789012");
  EXPECT_EQ(metric_number(1e300), "1e+300");
  EXPECT_EQ(metric_number(0.1 + 0.2), "0.30000000000000004") << "it reads back the same";
  EXPECT_EQ(metric_number(Limits::quiet_NaN()), "NaN");
  EXPECT_EQ(metric_number(-Limits::quiet_NaN()), "NaN");
  EXPECT_EQ(metric_number(Limits::infinity()), "+Inf");
  EXPECT_EQ(metric_number(-Limits::infinity()), "-Inf");
}

TEST(MetricText, EscapesBackslashAndLineFeedInHelp) {
  EXPECT_EQ(escaped_help("a \"b\" \\ c\nd"), "a \"b\" \\\\ c\\nd") << "quotes stay as they are";
}

TEST(MetricText, EscapesBackslashQuoteAndLineFeedInLabels) {
  EXPECT_EQ(escaped_label_value("C:\\bird \"one\"\n"), "C:\\\\bird \\\"one\\\"\\n");
  EXPECT_EQ(escaped_label_value(""), "");
}

TEST(MetricText, KeepsCharactersOfAnyScript) {
  const std::string text = "\u00e9\u20ac\U0001F426 \uffff";
  EXPECT_EQ(escaped_label_value(text), text);
}

TEST(MetricText, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(escaped_label_value("a\xff\xfe"), "a??");
  EXPECT_EQ(escaped_label_value("\xc3"), "?") << "cut off";
  EXPECT_EQ(escaped_label_value("\xe2\x82"), "??");
  EXPECT_EQ(escaped_label_value("\xc3("), "?(");
  EXPECT_EQ(escaped_label_value("\xc0\xaf"), "??") << "too long a form";
  EXPECT_EQ(escaped_label_value("\xe0\x80\xaf"), "???");
  EXPECT_EQ(escaped_label_value("\xf0\x80\x80\xaf"), "????");
  EXPECT_EQ(escaped_label_value("\xed\xa0\x80"), "???") << "a surrogate";
  EXPECT_EQ(escaped_label_value("\xf4\x90\x80\x80"), "????") << "beyond U+10FFFF";
  EXPECT_EQ(escaped_label_value("\x80z"), "?z");
}

TEST(MetricText, CutsLongLabelsBetweenCharacters) {
  const std::string most(kMaxLabelBytes, 'x');
  EXPECT_EQ(escaped_label_value(most), most);
  EXPECT_EQ(escaped_label_value(most + "y"), most);
  const std::string before(kMaxLabelBytes - 1, 'x');
  EXPECT_EQ(escaped_label_value(before + "\u20ac"), before);
  EXPECT_EQ(escaped_label_value(std::string(1000, '\x80')), std::string(kMaxLabelBytes - 3, '?'));
}

}  // namespace
}  // namespace curlew
