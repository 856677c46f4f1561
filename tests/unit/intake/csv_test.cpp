#include "curlew/intake/csv.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace curlew {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts_of(std::string_view csv) {
  const auto entries = read_csv(csv);
  if (!entries) return {"error: " + entries.error().message};
  std::vector<std::string> texts;
  for (const ListEntry& entry : *entries) texts.push_back(entry.text);
  return texts;
}

TEST(Csv, TakesTheColumnNamedUrlInAnyCase) {
  EXPECT_THAT(texts_of("id,URL,name\n1,https://a/1.jpg,x\n2,https://a/2.jpg,y\n"),
              ElementsAre("https://a/1.jpg", "https://a/2.jpg"));
  EXPECT_THAT(texts_of("https://looks/like/data,url\nx,https://a/1.jpg\n"), ElementsAre("https://a/1.jpg"));
}

TEST(Csv, TakesTheFirstColumnWhereNoneIsNamedUrl) {
  EXPECT_THAT(texts_of("picture,name\nhttps://a/1.jpg,x\n"), ElementsAre("https://a/1.jpg"));
}

TEST(Csv, HasNoHeaderWhereTheFirstCellIsAnAddress) {
  EXPECT_THAT(texts_of("https://a/1.jpg,x\nhttps://a/2.jpg,y"), ElementsAre("https://a/1.jpg", "https://a/2.jpg"));
}

TEST(Csv, UnderstandsQuotesAndWhatStandsInThem) {
  EXPECT_THAT(texts_of("title,url\n\"a, \"\"b\"\"\nc\",\"https://a/1,2.jpg\"\n"), ElementsAre("https://a/1,2.jpg"));
  EXPECT_THAT(texts_of("url,title\n \"https://a/1.jpg\" , \"x\" \n"), ElementsAre("https://a/1.jpg"));
  EXPECT_THAT(texts_of("\"url\"\n\"https://a/\"\"x\"\"\"\n"), ElementsAre("https://a/\"x\""));
}

TEST(Csv, ReadsEveryKindOfLineEndAndABom) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    EXPECT_THAT(texts_of("\xef\xbb\xbfurl" + end + "https://a/1.jpg" + end + end + "https://a/2.jpg" + end),
                ElementsAre("https://a/1.jpg", "https://a/2.jpg"));
  }
}

TEST(Csv, FindsSemicolonsAndTabsOnlyBySuchAHeader) {
  EXPECT_THAT(texts_of("id;url\n1;https://a/1.jpg\n"), ElementsAre("https://a/1.jpg"));
  EXPECT_THAT(texts_of("id\turl\n1\thttps://a/1.jpg\n\t\n2\t\"https://a/2.jpg\"\n"),
              ElementsAre("https://a/1.jpg", "https://a/2.jpg"));
  EXPECT_THAT(texts_of("https://a/1.jpg;v=2\n"), ElementsAre("https://a/1.jpg;v=2"));
}

TEST(Csv, SkipsRowsWithoutAnyText) {
  EXPECT_THAT(texts_of("\n , \nurl,x\n\n,,\n\"\",\" \"\nhttps://a/1.jpg\n"), ElementsAre("https://a/1.jpg"));
  EXPECT_THAT(texts_of(""), IsEmpty());
  EXPECT_THAT(texts_of("url\n"), IsEmpty());
}

TEST(Csv, MakesAnEntryOfARowWhoseUrlIsMissing) {
  const auto entries = read_csv("name,url\nx,https://a/1.jpg\ny\nz,\nw,https://a/4.jpg\n");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 4U);
  EXPECT_THAT((*entries)[1].problem, HasSubstr("line 3"));
  EXPECT_THAT((*entries)[2].problem, HasSubstr("line 4"));
  EXPECT_THAT((*entries)[3].problem, IsEmpty());
}

TEST(Csv, CountsTheLinesInsideQuotes) {
  const auto entries = read_csv("t,url\r\n\"a\r\nb\rc\nd\",https://a/1.jpg\r\nx,https://a/2.jpg");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].line, 2U);
  EXPECT_EQ((*entries)[1].line, 6U);
}

TEST(Csv, AQuoteThatIsNeverClosedCostsItsOwnRowOnly) {
  const auto entries = read_csv("url\nhttps://a/1.jpg\n\"https://a/2.jpg\nhttps://a/3.jpg\nhttps://a/4.jpg\n");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 4U);
  EXPECT_THAT((*entries)[1].problem, HasSubstr("line 3"));
  EXPECT_EQ((*entries)[1].text, "\"https://a/2.jpg");
  EXPECT_EQ((*entries)[3].text, "https://a/4.jpg");
}

TEST(Csv, AStrayQuoteBesideTheUrlHarmsNothing) {
  EXPECT_THAT(texts_of("name,url\n\"the 5\" one,https://a/1.jpg\n\"open,https://a/2.jpg\n\"q\",https://a/3.jpg\n"),
              ElementsAre("https://a/1.jpg", "https://a/2.jpg", "https://a/3.jpg"));
}

TEST(Csv, FiveHundredRowsWithTwentyBadOnesAreFiveHundredEntries) {
  std::string csv = "id,url\n";
  for (int i = 0; i < 500; ++i) {
    static constexpr const char* kBad[] = {"\"", "", "not a url", "\"a\"b", "ftp://x/y"};
    csv += fmt::format("{},{}\n", i, i % 25 == 7 ? kBad[i / 25 % 5] : "https://a/1.jpg");
  }
  EXPECT_EQ(texts_of(csv).size(), 500U);
}

TEST(Csv, RefusesAListThatIsTooLong) {
  const std::string csv = "url\nhttps://a/1\nhttps://a/2\nhttps://a/3\n";
  EXPECT_TRUE(read_csv(csv, 3));
  const auto entries = read_csv(csv, 2);
  ASSERT_FALSE(entries);
  EXPECT_THAT(entries.error().message, HasSubstr("more than 2 entries"));
}

TEST(Csv, CutsACellThatIsTooLongToBeAUrl) {
  for (const std::string quote : {"", "\""}) {
    const auto entries = read_csv("url\n" + quote + std::string(3 * kMaxEntryBytes, 'x') + quote + "\nhttps://a/2\n");
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 2U);
    EXPECT_EQ((*entries)[0].text.size(), kMaxEntryBytes);
  }
}

TEST(Csv, SaysThatUtf16IsNotRead) {
  const auto entries = read_csv("\xff\xfeu\0r\0l\0");
  ASSERT_FALSE(entries);
  EXPECT_THAT(entries.error().message, HasSubstr("UTF-8"));
}

TEST(Csv, SurvivesArbitraryBytes) {
  std::mt19937 random(20240607);
  static constexpr std::string_view kBytes = "\"\"\",;\t\r\n\r\n a:/\xff\0url";
  for (int round = 0; round < 20'000; ++round) {
    std::string csv;
    for (auto length = random() % 40; length > 0; --length) csv += kBytes[random() % kBytes.size()];
    const auto entries = read_csv(csv, 100);
    ASSERT_TRUE(entries) << csv;
    for (const ListEntry& entry : *entries) ASSERT_GE(entry.line, 1U);
  }
}

// Quadratic, each of these would take minutes.
TEST(Csv, StaysLinearOnHostileQuotes) {
  for (const std::string pattern :
       {"\"\n", "\"\"\n", "\"\"\"\n", "\"a,", "\",\"\"x,", "\"   ", "\n\"\"  x", "\"\"\"\"\n"}) {
    std::string csv = "\"";
    while (csv.size() < 512 * kKiB) csv += pattern;
    const auto entries = read_csv(csv, 10'000'000);
    EXPECT_TRUE(entries) << pattern;
  }
}

}  // namespace
}  // namespace curlew
