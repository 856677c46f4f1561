#include "curlew/core/url.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace curlew {
namespace {

std::string text_of(std::string_view pasted) {
  const auto url = parse_url(pasted);
  return url ? url->text() : "refused: " + url.error().message;
}

struct Reading {
  std::string_view pasted;
  std::string_view read_as;
};

void expect_readings(const std::vector<Reading>& readings) {
  for (const auto& [pasted, read_as] : readings) EXPECT_EQ(text_of(pasted), read_as) << "pasted: " << pasted;
}

void expect_refused(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << "let in: " << text << " as " << url->text();
    EXPECT_EQ(url.error().code, ErrorCode::kUrlInvalid) << text;
    EXPECT_FALSE(url.error().retryable) << text;
    EXPECT_FALSE(url.error().message.empty()) << text;
  }
}

TEST(ParseUrl, ReadsWhatIsWellFormed) {
  expect_readings({
      {"http://example.com", "http://example.com:80/"},
      {"https://example.com/a/b.jpg", "https://example.com:443/a/b.jpg"},
      {"HTTPS://EXAMPLE.com/A", "https://example.com:443/A"},
      {"http://example.com:8080/a", "http://example.com:8080/a"},
      {"http://example.com:/a", "http://example.com:80/a"},
      {"http://example.com:65535/", "http://example.com:65535/"},
      {"http://example.com?x=1&y=2", "http://example.com:80/?x=1&y=2"},
      {"http://example.com/a?", "http://example.com:80/a?"},
      {"http://my_host-1.example.com/", "http://my_host-1.example.com:80/"},
      {"http://xn--bcher-kva.example/", "http://xn--bcher-kva.example:80/"},
      {"http://localhost/", "http://localhost:80/"},
      {"http://example.com/a%20b%2Fc?q=%C3%A9", "http://example.com:80/a%20b%2Fc?q=%C3%A9"},
      {"http://example.com//a;b=c,d/(e)!*'~$", "http://example.com:80//a;b=c,d/(e)!*'~$"},
  });
}

TEST(ParseUrl, DropsFragmentAndSpacesAround) {
  expect_readings({
      {"http://example.com/a#b", "http://example.com:80/a"},
      {"http://example.com#a/b?c", "http://example.com:80/"},
      {"http://example.com/a?b#c?d#e", "http://example.com:80/a?b"},
      {"  http://example.com/a  ", "http://example.com:80/a"},
  });
}

TEST(ParseUrl, EncodesWhatPeoplePaste) {
  expect_readings({
      {"http://example.com/my bird.jpg", "http://example.com:80/my%20bird.jpg"},
      {"http://example.com/Möwe.jpg?q=ü b", "http://example.com:80/M%C3%B6we.jpg?q=%C3%BC%20b"},
      {"http://example.com/100%.jpg", "http://example.com:80/100%25.jpg"},
      {"http://example.com/a%2", "http://example.com:80/a%252"},
      {"http://example.com/a|b^c`d{e}\"<f>[g]", "http://example.com:80/a%7Cb%5Ec%60d%7Be%7D%22%3Cf%3E%5Bg%5D"},
      {"http://example.com/?a[]=1", "http://example.com:80/?a%5B%5D=1"},
      {"http://example.com/a\\b", "http://example.com:80/a%5Cb"},
      {"http://example.com/\xff\xfe.jpg", "http://example.com:80/%FF%FE.jpg"},
      {"http://example.com/a@b:c", "http://example.com:80/a@b:c"},
  });
}

TEST(ParseUrl, NormalisesEveryFormOfIpv4) {
  expect_readings({
      {"http://2130706433/", "http://127.0.0.1:80/"},
      {"http://0x7f000001/", "http://127.0.0.1:80/"},
      {"http://0X7F.1/", "http://127.0.0.1:80/"},
      {"http://0177.0.0.1/", "http://127.0.0.1:80/"},
      {"http://017700000001/", "http://127.0.0.1:80/"},
      {"http://127.1/", "http://127.0.0.1:80/"},
      {"http://127.0.1/", "http://127.0.0.1:80/"},
      {"http://127.65535/", "http://127.0.255.255:80/"},
      {"http://127.0.0.1./", "http://127.0.0.1:80/"},
      {"http://0/", "http://0.0.0.0:80/"},
      {"http://0x/", "http://0.0.0.0:80/"},
      {"http://4294967295/", "http://255.255.255.255:80/"},
      {"http://8.8.8.8:81/", "http://8.8.8.8:81/"},
      {"http://1.2.3.4.example/", "http://1.2.3.4.example:80/"},
  });
  EXPECT_TRUE(parse_url("http://127.1/")->host_is_address());
  EXPECT_FALSE(parse_url("http://1.2.3.4.example/")->host_is_address());
}

TEST(ParseUrl, RefusesWhatOnlyLooksLikeIpv4) {
  expect_refused({"http://4294967296/", "http://256.1.1.1/", "http://1.2.3.4.5/", "http://1.2.3.256/", "http://08/",
                  "http://1..2/", "http://127.0.0.0x1g.1/", "http://1.16777216/", "http://0x1ffffffff/",
                  "http://99999999999999999999999/", "http://example.1/"});
}

TEST(ParseUrl, NormalisesIpv6) {
  expect_readings({
      {"http://[::1]/", "http://[::1]:80/"},
      {"http://[2001:DB8:0:0:0:0:0:1]:81/a", "http://[2001:db8::1]:81/a"},
      {"http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]:80/"},
      {"http://[::ffff:7f00:1]/", "http://[::ffff:127.0.0.1]:80/"},
  });
  const auto url = parse_url("http://[::1]/");
  EXPECT_EQ(url->host(), "::1");
  EXPECT_TRUE(url->host_is_address());
}

TEST(ParseUrl, RefusesZonesAndMalformedIpv6) {
  expect_refused({"http://[::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[fe80::1%251]/", "http://[::1/",
                  "http://::1/", "http://[v1.x]/", "http://[]/", "http://[1:2:3]/", "http://[::1]x/",
                  "http://[127.0.0.1]/"});
}

TEST(ParseUrl, RefusesOtherSchemes) {
  expect_refused({"",
                  " ",
                  "ftp://example.com/a",
                  "file:///etc/passwd",
                  "file:/etc/passwd",
                  "gopher://example.com/",
                  "data:image/png;base64,AAAA",
                  "javascript:alert(1)",
                  "dict://example.com:11211/",
                  "example.com/a",
                  "//example.com/a",
                  "/etc/passwd",
                  "http",
                  "http:",
                  "http:/example.com",
                  "http:example.com",
                  "https:\\\\example.com/",
                  "http:\\/example.com",
                  "://example.com",
                  "httpx://example.com",
                  "http ://example.com",
                  "blob:http://example.com/"});
}

TEST(ParseUrl, RefusesUserinfoAndBackslashInTheAuthority) {
  expect_refused({"http://user@example.com/", "http://user:password@example.com/", "http://@example.com/",
                  "http://example.com@127.0.0.1/", "http://example.com%40127.0.0.1/", "http://example.com\\@127.0.0.1/",
                  "http://example.com\\a/", "http://127.0.0.1\\.example.com/", "http://a:b@c@example.com/"});
}

TEST(ParseUrl, RefusesControlCharacters) {
  expect_refused({"http://example.com/a\r\nHost: b", "http://example.com/\t", "\nhttp://example.com/",
                  "http://exa\tmple.com/", std::string("http://example.com/\0a", 21), "http://example.com/\x7f",
                  "http://example.com/a\x1b"});
}

TEST(ParseUrl, RefusesHostsThatAreNotPlainAscii) {
  expect_refused({"http://bücher.example/", "http://ⅼocalhost/", "http://127。0。0。1/", "http://①②⑦.0.0.1/",
                  "http://%6cocalhost/", "http://exa mple.com/", "http://a,b/", "http://a(b)/", "http://a$b.com/",
                  "http://*.example.com/"});
}

TEST(ParseUrl, RefusesEmptyAndOverlongHosts) {
  expect_refused({"http://", "http:///a", "http://?a", "http://#a", "http://:80/", "http://./", "http://../",
                  "http://.a/", "http://a..b/", "http://" + std::string(64, 'a') + ".com/"});
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "a.";
  EXPECT_TRUE(parse_url("http://" + longest + "/"));  // 253 without the root's dot
  expect_refused({"http://" + longest + "bc/"});
}

TEST(ParseUrl, DropsTheDotOfTheRoot) {
  expect_readings(
      {{"http://example.com./a", "http://example.com:80/a"}, {"http://localhost./", "http://localhost:80/"}});
  expect_refused({"http://example.com../"});
}

TEST(ParseUrl, RefusesPortsOutOfRange) {
  expect_refused({"http://example.com:0/", "http://example.com:65536/", "http://example.com:99999999999/",
                  "http://example.com:-1/", "http://example.com:80a/", "http://example.com:8 0/",
                  "http://example.com:80:80/"});
}

TEST(ParseUrl, RefusesMoreThanTheLimitOfBytes) {
  const std::string start = "http://example.com:80/";
  EXPECT_TRUE(parse_url(start + std::string(kMaxUrlBytes - start.size(), 'a')));
  expect_refused({start + std::string(kMaxUrlBytes - start.size() + 1, 'a'),
                  start + std::string(kMaxUrlBytes / 2, ' ') + "a"});  // too long once encoded
}

TEST(Url, ShowsNoQueryInLogs) {
  EXPECT_EQ(parse_url("http://example.com/a?token=secret")->for_log(), "http://example.com:80/a");
}

TEST(Url, NamesItsOrigin) {
  EXPECT_EQ(parse_url("https://EXAMPLE.com/a")->origin(), "https://example.com:443");
  EXPECT_EQ(parse_url("http://[::1]:81/a")->origin(), "http://[::1]:81");
}

TEST(Url, ReadsItsOwnText) {
  for (const std::string_view text : {"http://[::ffff:127.0.0.1]/a b?ü", "https://127.1:81/%", "http://Example.com."}) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url);
    EXPECT_EQ(*parse_url(url->text()), *url);
  }
}

TEST(ResolveRedirect, LeadsWhereTheLocationSays) {
  const auto base = parse_url("https://example.com:8443/a/b/c.jpg?q=1");
  ASSERT_TRUE(base);
  const std::vector<Reading> readings = {
      {"http://other.example/x", "http://other.example:80/x"},
      {"//other.example/x", "https://other.example:443/x"},
      {"/x?y", "https://example.com:8443/x?y"},
      {"x", "https://example.com:8443/a/b/x"},
      {"./x", "https://example.com:8443/a/b/x"},
      {"../x", "https://example.com:8443/a/x"},
      {"../../../../x", "https://example.com:8443/x"},
      {"?y=2", "https://example.com:8443/a/b/c.jpg?y=2"},
      {"", "https://example.com:8443/a/b/c.jpg?q=1"},
      {"#f", "https://example.com:8443/a/b/c.jpg?q=1"},
      {"x y/ü", "https://example.com:8443/a/b/x%20y/%C3%BC"},
      {"/http://other.example/", "https://example.com:8443/http://other.example/"},
      {"//127.1/", "https://127.0.0.1:443/"},
      {" /x ", "https://example.com:8443/x"},
      {"/\\other.example/", "https://example.com:8443/%5Cother.example/"},
  };
  for (const auto& [location, leads_to] : readings) {
    const auto url = resolve_redirect(*base, location);
    ASSERT_TRUE(url) << location << ": " << url.error().message;
    EXPECT_EQ(url->text(), leads_to) << location;
  }
}

TEST(ResolveRedirect, StaysOnAnIpv6Host) {
  const auto base = parse_url("http://[::1]:81/a");
  EXPECT_EQ(resolve_redirect(*base, "b")->text(), "http://[::1]:81/b");
}

TEST(ResolveRedirect, ChecksAsParseUrlDoes) {
  const auto base = parse_url("http://example.com/a");
  for (const std::string& location :
       {std::string("file:///etc/passwd"), std::string("ftp://example.com/"), std::string("http://u:p@example.com/"),
        std::string("//u@example.com/"), std::string("//example.com\\@127.0.0.1/"), std::string("javascript:alert(1)"),
        std::string("/a\r\nb"), std::string("http://[::1%25eth0]/"), std::string("//"), std::string("///x"),
        std::string("http:/x"), std::string("//example.com:0/"), std::string("/") + std::string(kMaxUrlBytes, 'a')}) {
    const auto url = resolve_redirect(*base, location);
    ASSERT_FALSE(url) << "let in: " << location << " as " << url->text();
    EXPECT_EQ(url.error().code, ErrorCode::kUrlInvalid);
  }
}

}  // namespace
}  // namespace curlew
