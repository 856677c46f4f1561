#include "curlew/http/client_address.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

TrustedProxies proxies(std::vector<std::string> networks) { return *TrustedProxies::parse(networks); }

std::string client(std::string_view peer, std::vector<std::string_view> forwarded, const TrustedProxies& trusted) {
  return to_text(client_address(*parse_peer(peer), forwarded, trusted));
}

TEST(ClientAddress, IsThePeerWhereItIsNoProxy) {
  EXPECT_EQ(client("192.0.2.1", {"10.9.9.9"}, TrustedProxies()), "192.0.2.1");
  EXPECT_EQ(client("192.0.2.1", {"10.9.9.9"}, proxies({"10.0.0.0/8"})), "192.0.2.1");
}

TEST(ClientAddress, IsWhatTheLastProxySaw) {
  const TrustedProxies trusted = proxies({"10.0.0.0/8"});
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.7"}, trusted), "192.0.2.7");
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.7, 10.0.0.2"}, trusted), "192.0.2.7");
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.7", "10.0.0.2, 10.0.0.3"}, trusted), "192.0.2.7");
}

TEST(ClientAddress, IsNotWhatTheClientClaims) {
  EXPECT_EQ(client("10.0.0.1", {"127.0.0.1, 192.0.2.7"}, proxies({"10.0.0.0/8"})), "192.0.2.7");
  EXPECT_EQ(client("10.0.0.1", {"nonsense, 192.0.2.7"}, proxies({"10.0.0.0/8"})), "192.0.2.7");
}

TEST(ClientAddress, IsTheProxyWhereNothingGoodIsForwarded) {
  const TrustedProxies trusted = proxies({"10.0.0.0/8"});
  EXPECT_EQ(client("10.0.0.1", {}, trusted), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.7, unknown"}, trusted), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.5"}, trusted), "10.0.0.5");
}

TEST(ClientAddress, IsReadWithAPortAndInBrackets) {
  const TrustedProxies trusted = proxies({"::1"});
  EXPECT_EQ(client("::1", {"192.0.2.7:4711"}, trusted), "192.0.2.7");
  EXPECT_EQ(client("::1", {"[2001:db8::1]:80"}, trusted), "2001:db8::1");
  EXPECT_EQ(client("::1", {"2001:db8::1"}, trusted), "2001:db8::1");
}

TEST(ClientAddress, IsTheSameOnBothKindsOfSocket) {
  EXPECT_EQ(*parse_peer("192.0.2.1"), *parse_peer("::ffff:192.0.2.1"));
  EXPECT_EQ(client("::ffff:10.0.0.1", {"192.0.2.7"}, proxies({"10.0.0.0/8"})), "192.0.2.7");
}

TEST(TrustedProxies, KnowNetworksToTheBit) {
  const TrustedProxies trusted = proxies({"192.0.2.128/25", "2001:db8::/33", "198.51.100.7"});
  for (const char* inside : {"192.0.2.128", "192.0.2.255", "2001:db8:7fff::1", "198.51.100.7"}) {
    EXPECT_TRUE(trusted.contains(*parse_peer(inside))) << inside;
  }
  for (const char* outside : {"192.0.2.127", "2001:db8:8000::1", "198.51.100.6", "::1"}) {
    EXPECT_FALSE(trusted.contains(*parse_peer(outside))) << outside;
  }
  EXPECT_TRUE(proxies({"0.0.0.0/0"}).contains(*parse_peer("192.0.2.1")));
  EXPECT_FALSE(proxies({"0.0.0.0/0"}).contains(*parse_peer("2001:db8::1")));
  EXPECT_TRUE(proxies({"::/0"}).contains(*parse_peer("2001:db8::1")));
}

TEST(TrustedProxies, AreRefusedWhereTheyAreNoNetworks) {
  for (const char* wrong :
       {"", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "10.0.0/8"}) {
    const auto parsed = TrustedProxies::parse(std::vector<std::string>{wrong});
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_NE(parsed.error().find("is not a network"), std::string::npos);
  }
}

TEST(PeerAddress, KnowsLoopback) {
  for (const char* loopback : {"127.0.0.1", "127.9.9.9", "::1"}) EXPECT_TRUE(is_loopback(*parse_peer(loopback)));
  for (const char* other : {"128.0.0.1", "::2", "0.0.0.0", "10.0.0.1"}) EXPECT_FALSE(is_loopback(*parse_peer(other)));
}

}  // namespace
}  // namespace curlew
