#include "curlew/http/host_policy.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

bool allows(const HostPolicy& policy, std::string_view host) {
  const auto parsed = parse_host(host);
  return parsed && policy.allows(*parsed);
}

TEST(HostName, IsReadWithOrWithoutAPort) {
  EXPECT_EQ(parse_host("Example.ORG:8000")->name, "example.org");
  EXPECT_EQ(parse_host("example.org.")->name, "example.org");
  EXPECT_EQ(parse_host("example.org:")->name, "example.org");
  EXPECT_EQ(parse_host("[::0001]:80")->name, "::1");
  EXPECT_TRUE(parse_host("127.0.0.1:80")->is_address);
  EXPECT_FALSE(parse_host("127.0.0.1.example")->is_address);
}

TEST(HostName, IsRefusedWhereItIsNone) {
  for (const char* wrong : {"", ":80", "a b", "a/b", "a@b", "a:b", "a:80:80", "a:99999", "a:-1", "[::1", "[::1]x", "[]",
                            "[127.0.0.1]", "::1", ".a", ".", "a,b", "%41", "b\xc3\xa4r"}) {
    EXPECT_FALSE(parse_host(wrong)) << wrong;
  }
  EXPECT_FALSE(parse_host(std::string(300, 'a')));
}

TEST(HostPolicy, KnowsOnlyLoopbackNamesByItself) {
  const HostPolicy policy("127.0.0.1", {});
  for (const char* own : {"localhost", "localhost:8000", "curlew.localhost", "127.0.0.1", "[::1]:8000"}) {
    EXPECT_TRUE(allows(policy, own)) << own;
  }
  for (const char* other : {"evil.example", "localhost.evil.example", "notlocalhost", "10.0.0.1", "[2001:db8::1]"}) {
    EXPECT_FALSE(allows(policy, other)) << other;
  }
}

TEST(HostPolicy, LetsTheAddressesInThatItListensOn) {
  EXPECT_TRUE(allows(HostPolicy("10.0.0.1", {}), "10.0.0.1:80"));
  EXPECT_FALSE(allows(HostPolicy("10.0.0.1", {}), "10.0.0.2:80"));
  EXPECT_TRUE(allows(HostPolicy("0.0.0.0", {}), "10.0.0.2:80"));
  EXPECT_TRUE(allows(HostPolicy("::", {}), "[2001:db8::1]"));
  EXPECT_FALSE(allows(HostPolicy("0.0.0.0", {}), "evil.example"));
}

TEST(HostPolicy, LetsConfiguredNamesIn) {
  const HostPolicy policy("127.0.0.1", {"Birds.Example", "192.0.2.1"});
  EXPECT_TRUE(allows(policy, "birds.example:443"));
  EXPECT_TRUE(allows(policy, "192.0.2.1"));
  EXPECT_FALSE(allows(policy, "www.birds.example"));
  EXPECT_TRUE(allows(HostPolicy("127.0.0.1", {"*"}), "any.example"));
}

}  // namespace
}  // namespace curlew
