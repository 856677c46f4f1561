#include "curlew/fetch/address_policy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace curlew {
namespace {

IpAddress address(const std::string& text) {
  const auto parsed = parse_address(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(IpAddress{});
}

AddressPolicy policy_with(const std::vector<std::string>& networks = {}) {
  auto list = AllowList::parse(networks);
  EXPECT_TRUE(list);
  return AddressPolicy(*list);
}

void expect_allowed(const AddressPolicy& policy, const std::vector<std::string>& addresses) {
  for (const auto& text : addresses) EXPECT_TRUE(policy.allows(address(text))) << text;
}

void expect_refused(const AddressPolicy& policy, const std::vector<std::string>& addresses) {
  for (const auto& text : addresses) EXPECT_FALSE(policy.allows(address(text))) << text;
}

struct Range {
  std::string before;  // "": another refused range, or nothing, is there
  std::string first;
  std::string last;
  std::string after;
};

TEST(AddressPolicy, RefusesEachIpv4RangeFromItsFirstToItsLast) {
  const AddressPolicy policy = policy_with();
  const std::vector<Range> ranges = {
      {"", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
      {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
      {"223.255.255.255", "224.0.0.0", "239.255.255.255", ""},
      {"", "240.0.0.0", "255.255.255.255", ""},
  };
  for (const Range& range : ranges) {
    expect_refused(policy, {range.first, range.last});
    if (!range.before.empty()) expect_allowed(policy, {range.before});
    if (!range.after.empty()) expect_allowed(policy, {range.after});
  }
}

TEST(AddressPolicy, RefusesEachIpv6RangeFromItsFirstToItsLast) {
  const AddressPolicy policy = policy_with();
  const std::string ones = ":ffff:ffff:ffff:ffff:ffff:ffff";
  expect_refused(policy, {"::",
                          "::1",
                          "fe80::",
                          "febf:ffff" + ones,
                          "fec0::",
                          "feff:ffff" + ones,
                          "fc00::",
                          "fdff:ffff" + ones,
                          "ff00::",
                          "ffff:ffff" + ones,
                          "2001:db8::",
                          "2001:db8" + ones,
                          "2001:100::",
                          "2001:1ff" + ones,
                          "2001:2::1",
                          "2001:10::1",
                          "2001:20::1",
                          "3fff::",
                          "3fff:fff" + ones,
                          "100::1",
                          "1fff:ffff" + ones,
                          "4000::",
                          "5f00::1",
                          "fe00::1",
                          "::2:0:0:1"});
  expect_allowed(policy, {"2000::", "2001:200::", "2001:db7" + ones, "2001:db9::", "2003::", "2606:4700::1111",
                          "3ffe:ffff" + ones, "3fff:1000::"});
}

TEST(AddressPolicy, UnwrapsTheIpv4InsideAnIpv6Address) {
  const AddressPolicy policy = policy_with();
  expect_refused(policy,
                 {
                     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0",  // mapped
                     "::127.0.0.1", "::10.1.2.3", "::2",                                                 // compatible
                     "2002:7f00:1::", "2002:a00:1::5", "2002:c0a8:101:1::1",                             // 6to4
                     "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::",                            // NAT64
                 });
  expect_allowed(policy, {"::ffff:8.8.8.8", "::8.8.8.8", "2002:808:808::1", "64:ff9b::8.8.8.8"});
}

TEST(AddressPolicy, UnwrapsEachReadingOfTheLocalNat64Prefix) {
  const AddressPolicy policy = policy_with();
  expect_refused(policy, {
                             "64:ff9b:1::127.0.0.1",      // after 96 bits
                             "64:ff9b:1:7f00:0:100::",    // 48
                             "64:ff9b:1:7f:0:1::",        // 56: 127.0.0.1 at bytes 7, 9, 10, 11
                             "64:ff9b:1:0:7f:0:100:0",    // 64: at bytes 9 to 12
                             "64:ff9b:1::",               // none at all
                             "64:ff9b:1:808:ff08:800::",  // byte 8 is not zero: no reading fits
                             "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
                         });
  expect_allowed(policy, {"64:ff9b:1::8.8.8.8", "64:ff9b:1:808:8:800::"});
  expect_refused(policy, {"64:ff9b:2::8.8.8.8", "64:ff9a:ffff::8.8.8.8", "64:ff9b:0:1::8.8.8.8"});  // just outside
}

TEST(AddressPolicy, UnwrapsTheServerAndTheClientOfTeredo) {
  const AddressPolicy policy = policy_with();
  // Client bits are flipped: 8.8.8.8 is written f7f7:f7f7, 127.0.0.1 is 80ff:fffe.
  expect_allowed(policy, {"2001:0:808:808:0:0:f7f7:f7f7"});
  expect_refused(policy, {"2001:0:808:808:0:0:80ff:fffe", "2001:0:7f00:1:0:0:f7f7:f7f7", "2001::", "2001::1"});
}

TEST(AddressPolicy, UnwrapsIsatapInsideAnyPrefix) {
  const AddressPolicy policy = policy_with();
  expect_refused(policy, {"2606:4700::5efe:127.0.0.1", "2606:4700::200:5efe:10.0.0.1", "fe80::5efe:8.8.8.8",
                          "2002:808:808:0:0:5efe:127.0.0.1"});
  expect_allowed(policy, {"2606:4700::5efe:8.8.8.8", "2606:4700::200:5efe:8.8.8.8", "2606:4700::100:5efe:127.0.0.1"});
}

TEST(AddressPolicy, LetsInTheNetworksOfTheAllowListAndNothingBesides) {
  const AddressPolicy policy = policy_with({"10.1.0.0/16", "127.0.0.1", "fd00:1::/32"});
  expect_allowed(policy, {"10.1.0.0", "10.1.255.255", "127.0.0.1", "fd00:1::", "fd00:1:ffff::1", "8.8.8.8"});
  expect_refused(policy, {"10.0.255.255", "10.2.0.0", "127.0.0.0", "127.0.0.2", "fd00:0:ffff::", "fd00:2::", "::1"});
}

TEST(AddressPolicy, AppliesTheAllowListToUnwrappedAddressesToo) {
  const AddressPolicy policy = policy_with({"127.0.0.0/8"});
  expect_allowed(policy, {"::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::", "2001:0:808:808:0:0:80ff:fffe"});
  expect_refused(policy, {"::ffff:10.0.0.1", "2001:0:a00:1:0:0:80ff:fffe", "fe80::5efe:127.0.0.1"});
  expect_allowed(policy_with({"2002::/16"}), {"2002:7f00:1::"});
}

TEST(AddressPolicy, OneRefusedAnswerRefusesAll) {
  const AddressPolicy policy = policy_with();
  const IpAddress good = address("8.8.8.8");
  const IpAddress bad = address("127.0.0.1");
  EXPECT_TRUE(policy.allows_all(std::vector{good, address("2606:4700::1")}));
  EXPECT_FALSE(policy.allows_all(std::vector{good, bad}));
  EXPECT_FALSE(policy.allows_all(std::vector{bad, good}));
  EXPECT_FALSE(policy.allows_all({}));
}

TEST(AllowList, SaysWhichEntryIsWrongAndWhy) {
  for (const std::string wrong :
       {"", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.1/8", "fd00::/129", "[::1]",
        "10.0.0/8", "::1%eth0", "fd00::1/64", " 10.0.0.0/8", "*"}) {
    const auto list = AllowList::parse({"10.0.0.0/8", wrong});
    ASSERT_FALSE(list) << wrong;
    EXPECT_NE(list.error().find("\"" + wrong + "\""), std::string::npos) << list.error();
  }
  EXPECT_TRUE(AllowList::parse({"0.0.0.0/0", "::/0", "10.0.0.0/8", "::1/128", "192.168.1.7"}));
}

TEST(Cidr, MatchesUpToTheBit) {
  const auto cidr = parse_cidr("10.128.0.0/9");
  ASSERT_TRUE(cidr);
  EXPECT_TRUE(cidr->contains(address("10.128.0.0")));
  EXPECT_TRUE(cidr->contains(address("10.255.255.255")));
  EXPECT_FALSE(cidr->contains(address("10.127.255.255")));
  EXPECT_FALSE(cidr->contains(address("::ffff:10.128.0.0")));
  EXPECT_TRUE(parse_cidr("0.0.0.0/0")->contains(address("255.1.2.3")));
}

}  // namespace
}  // namespace curlew
