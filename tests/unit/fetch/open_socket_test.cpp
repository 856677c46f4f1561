#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "curlew/fetch/easy_options.hpp"

namespace curlew {
namespace {

curl_sockaddr to_dial(const std::string& text) {
  curl_sockaddr address{};
  address.socktype = SOCK_STREAM;
  const auto ip = parse_address(text);
  if (ip->family == IpAddress::Family::kV4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, ip->bytes.data(), 4);
    std::memcpy(&address.addr, &v4, sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, ip->bytes.data(), 16);
    // libcurl leaves room for the longer ones behind `addr`; IPv4 is what this test needs to open.
    std::memcpy(&address.addr, &v6, sizeof address.addr);
  }
  address.family = address.addr.sa_family;
  return address;
}

TEST(OpenAllowedSocket, OpensNoneForARefusedAddress) {
  const AddressPolicy policy{AllowList{}};
  EXPECT_FALSE(open_allowed_socket(policy, to_dial("127.0.0.1")));
  EXPECT_FALSE(open_allowed_socket(policy, to_dial("169.254.169.254")));
  const auto fd = open_allowed_socket(policy, to_dial("8.8.8.8"));  // opened, never connected
  ASSERT_TRUE(fd);
  EXPECT_GE(*fd, 0);
  close(*fd);
}

TEST(OpenAllowedSocket, OpensNoneForAnotherFamily) {
  curl_sockaddr address = to_dial("8.8.8.8");
  address.family = AF_UNIX;
  address.addr.sa_family = AF_UNIX;
  EXPECT_FALSE(open_allowed_socket(AddressPolicy{AllowList{}}, address));
}

TEST(Pin, NamesHostPortAndAllAddresses) {
  const auto url = parse_url("http://Bird.test:8080/a");
  const std::vector<IpAddress> addresses{*parse_address("192.0.2.1"), *parse_address("2001:db8::1")};
  EXPECT_EQ(pin(*url, addresses), "+bird.test:8080:192.0.2.1,[2001:db8::1]");
}

TEST(Pin, IsBounded) {
  const auto url = parse_url("https://bird.test/");
  EXPECT_LT(pin(*url, std::vector<IpAddress>(1000, make_v4(192, 0, 2, 1))).size(), 300U);
}

}  // namespace
}  // namespace curlew
