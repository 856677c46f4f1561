#include "curlew/app/annotated_name.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <set>

namespace curlew {
namespace {

std::string name(std::string_view text) { return annotated_name(3, 10, text, ".jpg"); }

TEST(AnnotatedName, TellsPlaceAndPicture) {
  EXPECT_EQ(name("https://a.example/photos/dog.jpg"), "3-dog.jpg");
  EXPECT_EQ(name("photos/dog.jpeg"), "3-dog.jpg");
  EXPECT_EQ(name("dog.webp"), "3-dog.jpg");
  EXPECT_EQ(annotated_name(3, 10, "dog.gif", ".png"), "3-dog.png");
}

TEST(AnnotatedName, SortsAsTheListDoes) {
  EXPECT_EQ(annotated_name(3, 1000, "dog.jpg", ".jpg"), "003-dog.jpg");
  EXPECT_EQ(annotated_name(3, 1001, "dog.jpg", ".jpg"), "0003-dog.jpg");
  EXPECT_EQ(annotated_name(0, 1, "dog.jpg", ".jpg"), "0-dog.jpg");
  EXPECT_EQ(annotated_name(0, 0, "dog.jpg", ".jpg"), "0-dog.jpg");
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < 120; ++i) names.insert(annotated_name(i, 120, "x", ".jpg"));
  std::uint32_t i = 0;
  for (const auto& each : names) EXPECT_EQ(each, annotated_name(i++, 120, "x", ".jpg"));
}

TEST(AnnotatedName, LeavesOutQueryAndFragmentOfAUrl) {
  EXPECT_EQ(name("https://a.example/dog.jpg?size=large/x.png#top"), "3-dog.jpg");
  EXPECT_EQ(name("https://a.example/?file=/etc/passwd"), "3-picture.jpg");
  EXPECT_EQ(name("what?.jpg"), "3-what-.jpg") << "a file may be called so";
}

TEST(AnnotatedName, KeepsWhatIsNoEnding) {
  EXPECT_EQ(name("https://a.example/v1.final-version"), "3-v1.final-version.jpg");
  EXPECT_EQ(name("https://a.example/photo"), "3-photo.jpg");
  EXPECT_EQ(name("dog.tar.gz"), "3-dog.tar.jpg");
}

TEST(AnnotatedName, WhereNothingIsLeftItIsAPicture) {
  for (const char* text :
       {"", "/", "https://a.example", "https://a.example/", "photos/", "..", "https://a.example/.."}) {
    EXPECT_EQ(name(text), "3-picture.jpg") << text;
  }
}

TEST(AnnotatedName, OtherCharactersBecomeOneDash) {
  EXPECT_EQ(name("https://a.example/a%20b.jpg"), "3-a-20b.jpg");
  EXPECT_EQ(name("Möwe am Strand.jpg"), "3-M-we-am-Strand.jpg");
  EXPECT_EQ(name("..hidden.jpg"), "3-hidden.jpg");
  EXPECT_EQ(name("a\\..\\b\n.jpg"), "3-a-..-b-.jpg");
}

TEST(AnnotatedName, AnyTextMakesAPlainNameInTheFolder) {
  std::mt19937 random(2);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const int length = std::uniform_int_distribution(0, 300)(random);
    for (int i = 0; i < length; ++i) text += static_cast<char>(std::uniform_int_distribution(-128, 127)(random));
    const auto made = annotated_name(7, 50, text, ".jpg");
    ASSERT_TRUE(made.starts_with("07-") && made.ends_with(".jpg")) << made;
    ASSERT_LE(made.size(), 3U + 80 + 4);
    ASSERT_TRUE(
        std::ranges::all_of(made, [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; }));
  }
}

}  // namespace
}  // namespace curlew
