#include "curlew/http/request_head.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

const HttpLimits kLimits;

int status_of(std::string_view text) {
  HeadScan scan(kLimits);
  const auto taken = scan.take(text);
  if (!taken) return taken.error().status();
  if (!scan.done()) return 0;
  const auto head = parse_head(scan.text(), kLimits);
  if (!head) return head.error().status();
  const auto framing = frame_request(*head);
  return framing ? 200 : framing.error().status();
}

RequestHead head_of(std::string_view fields, std::string_view line = "POST / HTTP/1.1") {
  return *parse_head(std::string(line) + "\r\n" + std::string(fields) + "\r\n", kLimits);
}

TEST(HeadScan, EndsWithTheEmptyLine) {
  HeadScan scan(kLimits);
  EXPECT_EQ(*scan.take("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody"), 27U);
  EXPECT_TRUE(scan.done());
  EXPECT_EQ(scan.text(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(HeadScan, SkipsTwoEmptyLinesBeforeTheRequest) {
  HeadScan scan(kLimits);
  EXPECT_TRUE(scan.take("\r\n\r\n"));
  EXPECT_FALSE(scan.begun());
  EXPECT_TRUE(scan.take("G"));
  EXPECT_TRUE(scan.begun());
  EXPECT_EQ(status_of("\r\n\r\n\r\n"), 400);
}

TEST(HeadScan, RefusesAtTheFirstByteThatIsWrong) {
  for (const char* wrong : {"\x16", "GET /\x01", "\n", "GET / HTTP/1.1\n", "G\rE", "\r\r", "GET /\x7f"}) {
    EXPECT_EQ(status_of(wrong), 400) << wrong;
  }
  EXPECT_EQ(status_of(std::string_view("\0", 1)), 400);
}

TEST(HeadScan, KeepsToItsLimits) {
  EXPECT_EQ(status_of("GET /" + std::string(9000, 'x')), 414);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX: " + std::string(16'384, 'x')), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(16'000, 'x') + "\r\n\r\n"), 200);
  EXPECT_EQ(status_of("GET /" + std::string(8191, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
  EXPECT_EQ(status_of("GET /" + std::string(8192, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
}

/// What a scan of `text` says that gets it in two parts, the second byte by byte.
std::string scanned(std::string_view text, std::size_t cut) {
  HttpLimits limits;
  limits.target_bytes = 20;
  limits.head_bytes = 90;
  HeadScan scan(limits);
  std::size_t taken = 0;
  for (std::size_t at = 0; at < text.size() && !scan.done();) {
    const auto part = text.substr(at, at == 0 && cut > 0 ? cut : 1);
    const auto here = scan.take(part);
    if (!here) return std::to_string(here.error().status()) + here.error().detail;
    taken += *here;
    at += part.size();
  }
  return scan.text() + (scan.done() ? " done at " : " open at ") + std::to_string(taken);
}

TEST(HeadScan, SaysTheSameHoweverTheBytesAreCut) {
  const std::string x(100, 'x');
  for (const std::string& text :
       {std::string("\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b"), "GET /" + x,
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + x, "GET / HTTP/1.1\r\nHost: a\r\nX: " + x.substr(0, 57) + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + x.substr(0, 58) + "\r\n\r\n", std::string("GET / HTTP/1.1\r\nX\n"),
        "GET /" + x.substr(0, 47) + "\r\n", "GET /" + x.substr(0, 48) + "\r\n", std::string("GET /\rx"),
        std::string("GET / HTTP/1.1\r\nX: a\tb\x7f")}) {
    const std::string one_by_one = scanned(text, 0);
    for (std::size_t cut = 1; cut <= text.size(); ++cut) EXPECT_EQ(scanned(text, cut), one_by_one) << text << cut;
  }
}

TEST(RequestHead, HasMethodTargetVersionAndFields) {
  const RequestHead head = head_of("Host: a\r\nX-One:\t two \t\r\nEmpty:\r\n", "FOO /x?y HTTP/1.0");
  EXPECT_EQ(head.method, "FOO");
  EXPECT_EQ(head.target, "/x?y");
  EXPECT_EQ(head.minor_version, 0);
  EXPECT_EQ(head.headers.get("x-one"), "two");
  EXPECT_EQ(head.headers.find("Empty"), std::string_view());
}

TEST(RequestHead, RefusesWhatIsNoRequestLine) {
  for (const char* line :
       {"GET /", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET  / HTTP/1.1", "GET /\t HTTP/1.1", "/ HTTP/1.1",
        "GET / HTTP/x.1", "GET / HTTP/1", "GET / http/1.1", "G@T / HTTP/1.1", "HTTP/1.1"}) {
    EXPECT_EQ(status_of(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
  }
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/1.9\r\nHost: a\r\n\r\n"), 505);
}

TEST(Framing, KeepsTheConnectionAsVersionAndHeaderSay) {
  EXPECT_TRUE(frame_request(head_of("Host: a\r\n"))->keep_alive);
  EXPECT_FALSE(frame_request(head_of("Host: a\r\nConnection: x, Close\r\n"))->keep_alive);
  EXPECT_FALSE(frame_request(head_of("", "GET / HTTP/1.0"))->keep_alive);
  EXPECT_TRUE(frame_request(head_of("Connection: Keep-Alive\r\n", "GET / HTTP/1.0"))->keep_alive);
  EXPECT_FALSE(frame_request(head_of("Connection: keep-alive, close\r\n", "GET / HTTP/1.0"))->keep_alive);
}

TEST(Framing, KnowsTheBody) {
  EXPECT_FALSE(frame_request(head_of("Host: a\r\n"))->has_body());
  EXPECT_FALSE(frame_request(head_of("Host: a\r\nContent-Length: 0\r\n"))->has_body());
  EXPECT_EQ(frame_request(head_of("Host: a\r\nContent-Length: 007\r\n"))->length, 7U);
  EXPECT_TRUE(frame_request(head_of("Host: a\r\nTransfer-Encoding: Chunked\r\n"))->chunked);
}

TEST(Framing, ObeysExpectationsOfHttp11Only) {
  EXPECT_TRUE(frame_request(head_of("Host: a\r\nExpect: 100-Continue\r\n"))->expects_continue);
  EXPECT_FALSE(frame_request(head_of("Expect: 100-continue\r\n", "POST / HTTP/1.0"))->expects_continue);
  EXPECT_EQ(frame_request(head_of("Host: a\r\nExpect: more\r\n")).error().status(), 417);
}

}  // namespace
}  // namespace curlew
