#include "curlew/intake/url_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace curlew {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> texts_of(std::string_view list) {
  const auto entries = read_url_list(list);
  if (!entries) return {"error: " + entries.error().message};
  std::vector<std::string> texts;
  for (const ListEntry& entry : *entries) texts.push_back(entry.text);
  return texts;
}

const Error* error_of(const Item& item) { return std::get_if<Error>(&item.source); }

std::vector<Item> items_of(const std::vector<std::string>& texts, const ItemOptions& options) {
  auto items = make_items(to_entries(texts), options);
  EXPECT_TRUE(items);
  return items ? *std::move(items) : std::vector<Item>{};
}

ItemOptions with_files() {
  ItemOptions options;
  options.is_local_file = [](const std::string& text) {
    return text == "here.jpg" || text == "odd://name.jpg" || text.starts_with("http");
  };
  return options;
}

TEST(UrlList, TakesALineEach) {
  EXPECT_THAT(texts_of("https://a/1.jpg\nhttps://a/2.jpg"), ElementsAre("https://a/1.jpg", "https://a/2.jpg"));
}

TEST(UrlList, SkipsBlankLinesAndComments) {
  EXPECT_THAT(texts_of("\xef\xbb\xbf# birds\r\n\r\n  https://a/1.jpg \t\r\n   # more\rhttps://a/2.jpg#part\r"),
              ElementsAre("https://a/1.jpg", "https://a/2.jpg#part"));
}

TEST(UrlList, KnowsTheLineOfEachEntry) {
  const auto entries = read_url_list("\r\n# x\r\nhttps://a/1.jpg\r\n\r\nhttps://a/2.jpg");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].line, 3U);
  EXPECT_EQ((*entries)[1].line, 5U);
}

TEST(UrlList, RefusesAListThatIsTooLong) {
  EXPECT_TRUE(read_url_list("a\nb\n# c\n", 2));
  const auto entries = read_url_list("a\nb\nc\n", 2);
  ASSERT_FALSE(entries);
  EXPECT_THAT(entries.error().message, HasSubstr("more than 2 entries"));
}

TEST(UrlList, SurvivesArbitraryBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 5'000; ++round) {
    std::string list;
    for (auto length = random() % 60; length > 0; --length) list += static_cast<char>(random() % 256);
    const auto entries = read_url_list(list, 100);
    if (!entries) continue;
    const auto items = make_items(*entries, with_files());
    ASSERT_TRUE(items);
    ASSERT_EQ(items->size(), entries->size());
  }
}

TEST(MakeItems, GivesEachEntryItsPlaceAndTheListsOptions) {
  ItemOptions options;
  options.batch = "b";
  options.model = "birds";
  options.top = 5;
  options.threshold = 0.25F;
  const auto items = items_of({"https://a.example/1.jpg", "https://b.example/2.jpg"}, options);
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[1].index, 1U);
  EXPECT_EQ(items[1].batch, "b");
  EXPECT_EQ(items[1].model, "birds");
  EXPECT_EQ(items[1].top, 5);
  EXPECT_EQ(items[1].threshold, 0.25F);
  EXPECT_EQ(items[1].text, "https://b.example/2.jpg");
  ASSERT_TRUE(std::holds_alternative<Url>(items[1].source));
  EXPECT_EQ(std::get<Url>(items[1].source).host(), "b.example");
}

TEST(MakeItems, AnEntryThatIsNoUrlBecomesAnError) {
  const auto items = items_of({"https://a.example/1.jpg", "nonsense", "", "ftp://a.example/1.jpg"}, {});
  ASSERT_EQ(items.size(), 4U);
  EXPECT_EQ(error_of(items[0]), nullptr);
  for (std::size_t i = 1; i < items.size(); ++i) {
    ASSERT_NE(error_of(items[i]), nullptr) << items[i].text;
    EXPECT_EQ(error_of(items[i])->code, ErrorCode::kUrlInvalid);
  }
}

TEST(MakeItems, AnEntrysOwnProblemIsItsMessage) {
  const std::vector<ListEntry> entries = {{.text = "https://a.example/1.jpg", .line = 4, .problem = "line 4 is odd"}};
  const auto items = make_items(entries, {});
  ASSERT_TRUE(items);
  ASSERT_NE(error_of((*items)[0]), nullptr);
  EXPECT_EQ(error_of((*items)[0])->message, "line 4 is odd");
}

TEST(MakeItems, AFileIsTakenOnlyWhereFilesAreAllowed) {
  EXPECT_TRUE(std::holds_alternative<LocalFile>(items_of({"here.jpg"}, with_files())[0].source));
  EXPECT_NE(error_of(items_of({"here.jpg"}, {})[0]), nullptr);
}

TEST(MakeItems, AFileThatIsNotThereSaysSoWithoutItsPath) {
  const auto items = items_of({"/secret/gone.jpg"}, with_files());
  ASSERT_NE(error_of(items[0]), nullptr);
  EXPECT_EQ(error_of(items[0])->code, ErrorCode::kUrlInvalid);
  EXPECT_THAT(error_of(items[0])->message, HasSubstr("no such file"));
  EXPECT_THAT(error_of(items[0])->message, Not(HasSubstr("gone")));
}

TEST(MakeItems, AWebAddressIsNeverAFile) {
  for (const auto& item : items_of({"http://a.example/1.jpg", "HTTPS://a.example/1.jpg"}, with_files())) {
    EXPECT_TRUE(std::holds_alternative<Url>(item.source)) << item.text;
  }
}

TEST(MakeItems, AFileMayHaveAnOddName) {
  EXPECT_TRUE(std::holds_alternative<LocalFile>(items_of({"odd://name.jpg"}, with_files())[0].source));
}

TEST(MakeItems, RefusesAListThatIsTooLong) {
  ItemOptions options;
  options.max_items = 1;
  EXPECT_FALSE(make_items(to_entries(std::vector<std::string>{"a", "b"}), options));
}

TEST(PictureNames, AreThoseOfPicturesSorted) {
  EXPECT_THAT(picture_names({"b.JPG", "a.jpeg", "notes.txt", "c.webp", "jpg", ".hidden.jpg", "d.png.part", "e.Avif",
                             "f.gif", "g.bmp", "h.png", "tiff.tif"}),
              ElementsAre("a.jpeg", "b.JPG", "c.webp", "e.Avif", "f.gif", "g.bmp", "h.png"));
}

}  // namespace
}  // namespace curlew
