#include "curlew/http/response_head.hpp"

#include <gtest/gtest.h>

#include <array>

namespace curlew {
namespace {

std::string head(int status, const HttpHeaders& headers, const ResponseFraming& framing) {
  return response_head(status, headers, framing, std::chrono::sys_seconds{});
}

bool has(const std::string& head, std::string_view line) {
  return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

TEST(ResponseHead, HasTheDateOfEachAnswer) {
  const auto at = [](int second) {
    return response_head(200, {}, {.length = 0}, std::chrono::sys_seconds(std::chrono::seconds(second)));
  };
  EXPECT_TRUE(has(at(0), "Date: Thu, 01 Jan 1970 00:00:00 GMT"));
  EXPECT_TRUE(has(at(1), "Date: Thu, 01 Jan 1970 00:00:01 GMT"));
  EXPECT_TRUE(has(at(1), "Date: Thu, 01 Jan 1970 00:00:01 GMT"));
  EXPECT_TRUE(has(at(0), "Date: Thu, 01 Jan 1970 00:00:00 GMT"));
}

TEST(ResponseHead, SaysHowTheBodyEnds) {
  EXPECT_TRUE(has(head(200, {}, {.length = 5}), "Content-Length: 5"));
  EXPECT_TRUE(has(head(200, {}, {.chunked = true}), "Transfer-Encoding: chunked"));
  EXPECT_FALSE(has(head(200, {}, {.chunked = true}), "Content-Length: 0"));
  EXPECT_EQ(head(204, {}, {.length = 0}).find("Content-Length"), std::string::npos);
}

TEST(ResponseHead, SaysWhetherTheConnectionIsKeptWhereThatIsNotClear) {
  EXPECT_TRUE(has(head(200, {}, {.length = 0, .keep_alive = false}), "Connection: close"));
  EXPECT_TRUE(has(head(200, {}, {.length = 0, .minor_version = 0}), "Connection: keep-alive"));
  EXPECT_EQ(head(200, {}, {.length = 0}).find("Connection"), std::string::npos);
}

TEST(ResponseHead, IsCautiousUnlessTold) {
  const std::string plain = head(200, {}, {.length = 0});
  EXPECT_TRUE(plain.starts_with("HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"));
  EXPECT_TRUE(has(plain, "Cache-Control: no-store"));
  EXPECT_TRUE(has(plain, "X-Content-Type-Options: nosniff"));
  EXPECT_TRUE(has(plain, "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'"));
  const std::string told = head(200, {{"cache-control", "max-age=60"}}, {.length = 0});
  EXPECT_TRUE(has(told, "cache-control: max-age=60"));
  EXPECT_FALSE(has(told, "Cache-Control: no-store"));
  EXPECT_TRUE(plain.ends_with("\r\n\r\n"));
}

TEST(ResponseHead, LeavesOutWhatWouldBreakIt) {
  const HttpHeaders bad{{"X-Bad", "a\r\nSet-Cookie: x"}, {"X Bad", "a"}, {"Content-Length", "9"}, {"X-Good", "b"}};
  const std::string text = head(200, bad, {.length = 1});
  EXPECT_EQ(text.find("Set-Cookie"), std::string::npos);
  EXPECT_EQ(text.find("X Bad"), std::string::npos);
  EXPECT_EQ(text.find("Content-Length: 9"), std::string::npos);
  EXPECT_TRUE(has(text, "X-Good: b"));
}

TEST(HttpDate, IsWrittenAsInTheStandard) {
  EXPECT_EQ(http_date(std::chrono::sys_seconds(std::chrono::seconds(784111777))), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(ServerTiming, ListsStagesInMilliseconds) {
  const std::array<std::pair<std::string_view, double>, 2> stages{{{"queue", 0.1}, {"fetch", 3.25}}};
  EXPECT_EQ(server_timing(stages), "queue;dur=0.100, fetch;dur=3.250");
}

}  // namespace
}  // namespace curlew
