#include "curlew/store/redis_address.hpp"

#include <gmock/gmock.h>

namespace curlew {
namespace {

using testing::HasSubstr;
using testing::Not;

RedisAddress parsed(std::string_view url) {
  const auto address = parse_redis_address(url);
  EXPECT_TRUE(address) << address.error();
  return address.value_or(RedisAddress{});
}

std::string refusal(std::string_view url) {
  const auto address = parse_redis_address(url);
  EXPECT_FALSE(address) << url;
  return address ? std::string() : address.error();
}

TEST(RedisAddress, HasHostPortAndDatabase) {
  EXPECT_EQ(parsed("redis://cache.internal:6380/5"),
            (RedisAddress{.host = "cache.internal", .port = 6380, .database = 5, .user = {}, .password = {}}));
  EXPECT_EQ(parsed("redis://10.0.0.7"),
            (RedisAddress{.host = "10.0.0.7", .port = 6379, .database = 0, .user = {}, .password = {}}));
  EXPECT_EQ(parsed("redis://h/").database, 0);
  EXPECT_EQ(parsed("redis://h:1/").port, 1);
}

TEST(RedisAddress, HasAnIpv6AddressInBrackets) {
  EXPECT_EQ(parsed("redis://[fd00::7]:6380/1").host, "fd00::7");
  EXPECT_EQ(parsed("redis://[::1]").port, 6379);
  EXPECT_EQ(to_text(parsed("redis://[::1]:7/2")), "[::1]:7/2");
  EXPECT_THAT(refusal("redis://fd00::7:6380"), HasSubstr("[brackets]"));
  EXPECT_THAT(refusal("redis://[fd00::7"), HasSubstr("closing bracket"));
  EXPECT_THAT(refusal("redis://[fd00::7]6380"), HasSubstr("after an IPv6 address"));
}

TEST(RedisAddress, HasAUserAndAPasswordPercentDecoded) {
  const auto address = parsed("redis://curlew%40prod:p%3a%2F%25%20s@h:6379/0");
  EXPECT_EQ(address.user, "curlew@prod");
  EXPECT_EQ(address.password, "p:/% s");
  const auto anonymous = parsed("redis://:secret@h");
  EXPECT_EQ(anonymous.user, "");
  EXPECT_EQ(anonymous.password, "secret");
}

TEST(RedisAddress, RefusesALoginThatIsNotWhole) {
  EXPECT_THAT(refusal("redis://curlew@h"), HasSubstr("needs a password"));
  EXPECT_THAT(refusal("redis://curlew:@h"), HasSubstr("password is empty"));
  EXPECT_THAT(refusal("redis://u:a%4@h"), HasSubstr("%25"));
  EXPECT_THAT(refusal("redis://u:a%zz@h"), HasSubstr("%25"));
  EXPECT_THAT(refusal("redis://u:a:b@h"), HasSubstr("%3A"));
  EXPECT_THAT(refusal("redis://u:a@b@h"), HasSubstr("%40"));
  EXPECT_THAT(refusal("redis://u:a/b@h"), HasSubstr("percent-encoded"));
}

TEST(RedisAddress, NeverTellsThePassword) {
  for (const std::string_view url : {"redis://u:hush@h:0", "redis://u:hush%@h", "redis://u:hush@", "redis://u:hu:sh@h",
                                     "redis://u:hush@x@h", "redis://u:hush@h/x"}) {
    EXPECT_THAT(refusal(url), Not(HasSubstr("hush"))) << url;
  }
  EXPECT_EQ(to_text(parsed("redis://u:hush@h:1/2")), "h:1/2");
}

TEST(RedisAddress, RefusesOtherSchemesAndSaysWhy) {
  EXPECT_THAT(refusal("rediss://h"), HasSubstr("TLS"));
  for (const std::string_view url : {"", "redis:", "redis:/h", "Redis://h", "http://h", "unix:///tmp/redis"}) {
    EXPECT_THAT(refusal(url), HasSubstr("redis://[USER:PASSWORD@]HOST:PORT/DB")) << url;
  }
}

TEST(RedisAddress, RefusesWhatIsNoHostPortOrDatabase) {
  for (const std::string_view url :
       {"redis://", "redis:///1", "redis://:6379", "redis://[]:1", "redis://a b", "redis://h%20"}) {
    EXPECT_THAT(refusal(url), HasSubstr("no host")) << url;
  }
  for (const std::string_view url :
       {"redis://h:", "redis://h:0", "redis://h:65536", "redis://h:1x", "redis://h:-1", "redis://h: 1"}) {
    EXPECT_THAT(refusal(url), HasSubstr("port")) << url;
  }
  for (const std::string_view url : {"redis://h/x", "redis://h/-1", "redis://h/1/", "redis://h/99999999999"}) {
    EXPECT_THAT(refusal(url), HasSubstr("database")) << url;
  }
  for (const std::string_view url : {"redis://h?db=1", "redis://h/1?x", "redis://h/1#x"}) {
    EXPECT_THAT(refusal(url), HasSubstr("neither ? nor #")) << url;
  }
}

}  // namespace
}  // namespace curlew
