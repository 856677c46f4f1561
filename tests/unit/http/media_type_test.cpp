#include "curlew/http/media_type.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

std::string chosen(std::vector<std::string_view> accept) {
  const std::vector<std::string_view> offered{"application/json", "application/x-ndjson", "text/event-stream"};
  return std::string(choose_media_type(accept, offered).value_or("none"));
}

TEST(MediaType, IsReadWithItsParameters) {
  const auto media = parse_media_type(R"( Multipart/Form-Data ; Boundary="a;b\"c" ; charset=UTF-8 ;)");
  ASSERT_TRUE(media);
  EXPECT_EQ(media->text(), "multipart/form-data");
  EXPECT_EQ(media->parameter("boundary"), R"(a;b"c)");
  EXPECT_EQ(media->parameter("charset"), "UTF-8");
  EXPECT_EQ(media->parameter("other"), "");
}

TEST(MediaType, IsRefusedWhereItIsNone) {
  for (const char* wrong : {"", "json", "/json", "application/", "a b/c", "a/b c", "a/b;", "a/b; x", "a/b; =x",
                            "a/b; x=\"y", "a/b; x=y z", "a/b, c/d", "a/b;x=\"y\\"}) {
    if (std::string_view(wrong) == "a/b;") continue;  // an empty parameter is allowed
    EXPECT_FALSE(parse_media_type(wrong)) << wrong;
  }
}

TEST(MediaType, MatchesPatterns) {
  const auto png = *parse_media_type("image/png");
  EXPECT_TRUE(png.matches("image/png"));
  EXPECT_TRUE(png.matches("image/*"));
  EXPECT_TRUE(png.matches("*/*"));
  EXPECT_FALSE(png.matches("image/jpeg"));
  EXPECT_FALSE(png.matches("application/*"));
  EXPECT_FALSE(MediaType{}.matches("*/*"));
}

TEST(Accept, TakesTheFirstOfferWhereTheClientHasNoWish) {
  EXPECT_EQ(chosen({}), "application/json");
  EXPECT_EQ(chosen({"*/*"}), "application/json");
  EXPECT_EQ(chosen({""}), "application/json");
  EXPECT_EQ(chosen({"not a media type"}), "application/json");
}

TEST(Accept, TakesWhatTheClientWants) {
  EXPECT_EQ(chosen({"text/event-stream"}), "text/event-stream");
  EXPECT_EQ(chosen({"text/html, application/x-ndjson"}), "application/x-ndjson");
  EXPECT_EQ(chosen({"text/*"}), "text/event-stream");
  EXPECT_EQ(chosen({"text/html;a=\"x,y\"", "application/x-ndjson"}), "application/x-ndjson");
}

TEST(Accept, WeighsWishes) {
  EXPECT_EQ(chosen({"application/json;q=0.5, application/x-ndjson"}), "application/x-ndjson");
  EXPECT_EQ(chosen({"application/json;q=0.5, application/x-ndjson;q=0.4"}), "application/json");
  EXPECT_EQ(chosen({"*/*, application/json;q=0"}), "application/x-ndjson");
  EXPECT_EQ(chosen({"application/*;q=0.1, */*;q=0.2"}), "text/event-stream");
}

TEST(Accept, TakesNothingWhereNothingFits) {
  EXPECT_EQ(chosen({"text/html"}), "none");
  EXPECT_EQ(chosen({"*/*;q=0"}), "none");
}

}  // namespace
}  // namespace curlew
