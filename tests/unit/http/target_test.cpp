#include "curlew/http/target.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

using Segments = std::vector<std::string>;

TEST(Target, IsDecodedOnceSegmentBySegment) {
  const auto target = parse_target("/a%2Fb/%2541/c?x=%26&y=1+2&x=&z");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (Segments{"a/b", "%41", "c"}));
  EXPECT_EQ(target->path, "/a%2Fb/%2541/c");
  EXPECT_EQ(target->query, (QueryParameters{{"x", "&"}, {"y", "1 2"}, {"x", ""}, {"z", ""}}));
}

TEST(Target, GivesDotsNoMeaning) {
  EXPECT_EQ(parse_target("/a/../b/./%2e%2e")->segments, (Segments{"a", "..", "b", ".", ".."}));
  EXPECT_EQ(parse_target("/")->segments, Segments{""});
  EXPECT_EQ(parse_target("//a/")->segments, (Segments{"", "a", ""}));
}

TEST(Target, TakesAWholeUrlAndTheAsterisk) {
  const auto whole = parse_target("HTTP://Host:80/a?b=c");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->authority, "Host:80");
  EXPECT_EQ(whole->segments, Segments{"a"});
  EXPECT_EQ(parse_target("http://host")->path, "/");
  EXPECT_TRUE(parse_target("*")->asterisk);
}

TEST(Target, TakesWholeUrlsOfItsOwnSchemeOnly) {
  EXPECT_EQ(parse_target("https://host/a", "https://")->authority, "host");
  EXPECT_FALSE(parse_target("http://host/a", "https://"));
}

TEST(Target, IsMalformedOtherwise) {
  for (const char* wrong : {"", "a", "?a", "/%", "/%4", "/%zz", "/%00", "/%1f", "/%7f", "/a?x=%g0", "/a#b",
                            "https://host/a", "host:443", "/a?%"}) {
    const auto target = parse_target(wrong);
    ASSERT_FALSE(target) << wrong;
    EXPECT_EQ(target.error().status(), 400);
  }
}

TEST(Target, LeavesControlCharactersOfAQueryToWhoReadsIt) { EXPECT_EQ(parse_query("url=a%0ab")->at(0).second, "a\nb"); }

}  // namespace
}  // namespace curlew
