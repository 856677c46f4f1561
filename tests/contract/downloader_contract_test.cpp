#include <gtest/gtest.h>

#include <future>
#include <string>

#include "contract/fake_resolver.hpp"
#include "contract/scripted_origin.hpp"
#include "curlew/fetch/curl_downloader.hpp"

namespace curlew::testing_origin {
namespace {

using namespace std::chrono_literals;

class Kept : public DownloadSink {
 public:
  Result<void> begin(ByteCount offset, std::optional<ByteCount> total) override {
    ++begun;
    began_at = offset;
    declared = total;
    return refuse_begin ? Result<void>(failure(ErrorCode::kInternal, "the disk is full")) : Result<void>();
  }
  Result<void> write(std::span<const std::byte> more) override {
    if (on_write) on_write();
    for (const std::byte byte : more) bytes += static_cast<char>(byte);
    return {};
  }
  int begun = 0;
  ByteCount began_at = 0;
  std::optional<ByteCount> declared;
  std::string bytes;
  bool refuse_begin = false;
  std::function<void()> on_write;
};

class DownloaderContract : public testing::Test {
 protected:
  DownloaderContract() { names_->set("models.test", {"127.0.0.1"}); }

  Result<void> download(const std::string& url, ByteCount offset = 0, std::stop_token stop = {}) {
    CurlDownloader downloader(options_, AddressPolicy(*AllowList::parse({"127.0.0.1/32"})),
                              [this] { return std::make_unique<FakeResolver>(names_); });
    return downloader.download({.url = url, .offset = offset, .max_bytes = 1000000, .stop = std::move(stop)}, sink_);
  }
  ErrorCode code_of(const Result<void>& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::kExpired : result.error().code;
  }

  FetchOptions options_;
  std::shared_ptr<Names> names_ = std::make_shared<Names>();
  Kept sink_;
};

TEST_F(DownloaderContract, BringsAWholeFile) {
  const std::string file(500000, 'm');
  ScriptedOrigin origin([&](Request& request) { request.answer(200, file + request.header("Range")); });
  ASSERT_TRUE(download(origin.url("/model", "models.test")));
  EXPECT_EQ(sink_.bytes, file);
  EXPECT_EQ(sink_.declared, 500000U);
  EXPECT_EQ(sink_.began_at, 0U);
  EXPECT_EQ(sink_.begun, 1);
}

TEST_F(DownloaderContract, IsNotBoundByThePicturesTotal) {
  options_.limits.total = 1ms;
  options_.limits.picture_bytes = 1;
  ScriptedOrigin origin([](Request& request) { request.answer(200, "model"); });
  EXPECT_TRUE(download(origin.url("/")));
}

TEST_F(DownloaderContract, ResumesWhereTheOriginCan) {
  ScriptedOrigin origin([](Request& request) {
    EXPECT_EQ(request.header("Range"), "bytes=3-");
    request.answer(206, "ef", "Content-Range: bytes 3-4/5\r\n");
  });
  ASSERT_TRUE(download(origin.url("/"), 3));
  EXPECT_EQ(sink_.began_at, 3U);
  EXPECT_EQ(sink_.declared, 5U);
  EXPECT_EQ(sink_.bytes, "ef");
}

TEST_F(DownloaderContract, BeginsAnewWhereTheOriginCannotResume) {
  ScriptedOrigin origin([](Request& request) { request.answer(200, "abcef"); });
  ASSERT_TRUE(download(origin.url("/"), 3));
  EXPECT_EQ(sink_.began_at, 0U);
  EXPECT_EQ(sink_.bytes, "abcef");
}

TEST_F(DownloaderContract, TakesNoOtherRangeThanItAskedFor) {
  ScriptedOrigin origin([](Request& request) {
    request.answer(206, "ef", request.target() == "/other" ? "Content-Range: bytes 2-3/5\r\n" : "");
  });
  EXPECT_EQ(code_of(download(origin.url("/other"), 3)), ErrorCode::kHttpStatus);
  EXPECT_EQ(code_of(download(origin.url("/none"), 3)), ErrorCode::kHttpStatus);
  EXPECT_EQ(code_of(download(origin.url("/unasked"), 0)), ErrorCode::kHttpStatus);
  EXPECT_EQ(sink_.begun, 0);
}

TEST_F(DownloaderContract, ReportsStatusesAndTriesOnce) {
  ScriptedOrigin origin([](Request& request) { request.answer(request.target() == "/busy" ? 503 : 416, "no"); });
  const auto result = download(origin.url("/"), 3);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().http_status, 416);
  EXPECT_EQ(code_of(download(origin.url("/busy"))), ErrorCode::kHttpStatus);
  EXPECT_EQ(origin.requests(), 2);
}

TEST_F(DownloaderContract, ReportsTruncationAndKeepsWhatCame) {
  ScriptedOrigin origin([](Request& request) {
    request.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    request.close();
  });
  EXPECT_EQ(code_of(download(origin.url("/"))), ErrorCode::kTruncated);
  EXPECT_EQ(sink_.bytes, "abc");
  EXPECT_EQ(sink_.begun, 1);
}

TEST_F(DownloaderContract, EndsWhereThereIsMoreThanExpected) {
  ScriptedOrigin origin([](Request& request) {
    if (request.target() == "/declared") {
      request.send("HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n");
      return request.wait_for_close();
    }
    if (request.target() == "/rest") return request.answer(206, "x", "Content-Range: bytes 999999-1000000/1000001\r\n");
    request.send("HTTP/1.1 200 OK\r\n\r\n");
    while (request.send(std::string(10000, 'x'))) {
    }
  });
  EXPECT_EQ(code_of(download(origin.url("/declared"))), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of(download(origin.url("/rest"), 999999)), ErrorCode::kTooLarge);
  EXPECT_EQ(sink_.begun, 0);
  EXPECT_EQ(code_of(download(origin.url("/endless"))), ErrorCode::kTooLarge);
  EXPECT_LE(sink_.bytes.size(), 1000000U);
}

TEST_F(DownloaderContract, EndsWithTheSinksError) {
  sink_.refuse_begin = true;
  ScriptedOrigin origin([](Request& request) { request.answer(200, "model"); });
  const auto result = download(origin.url("/"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the disk is full");
}

TEST_F(DownloaderContract, StopsWhenAsked) {
  ScriptedOrigin origin([](Request& request) {
    request.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    request.wait_for_close();
  });
  std::stop_source stop;
  Gate begun;
  sink_.on_write = [&] { begun.open(); };
  auto result = std::async(std::launch::async, [&] { return download(origin.url("/"), 0, stop.get_token()); });
  begun.wait();
  const TimePoint asked = now();
  stop.request_stop();
  EXPECT_EQ(code_of(result.get()), ErrorCode::kCancelled);
  EXPECT_LT(to_ms(now() - asked), 2000);  // 200 ms is the aim; sanitizers and busy machines are slower
}

TEST_F(DownloaderContract, IsUnderTheSameGuard) {
  ScriptedOrigin secret([](Request& request) { request.answer(200, "secret"); }, "127.0.0.2");
  ScriptedOrigin origin(
      [&](Request& request) { request.answer(302, "", "Location: " + secret.url("/", "127.0.0.2") + "\r\n"); });
  names_->set("secret.test", {"127.0.0.1", "127.0.0.2"});
  EXPECT_EQ(code_of(download(secret.url("/", "127.0.0.2"))), ErrorCode::kBlockedByPolicy);
  EXPECT_EQ(code_of(download(secret.url("/", "secret.test"))), ErrorCode::kBlockedByPolicy);
  EXPECT_EQ(code_of(download(origin.url("/"))), ErrorCode::kBlockedByPolicy);
  EXPECT_EQ(code_of(download("file:///etc/passwd")), ErrorCode::kUrlInvalid);
  EXPECT_EQ(secret.connections(), 0);
}

TEST_F(DownloaderContract, ADripEndsAtTheLowSpeedLimit) {
  options_.limits.low_speed_for = 1s;
  ScriptedOrigin origin([](Request& request) {
    request.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    request.wait_for_close();
  });
  EXPECT_EQ(code_of(download(origin.url("/"))), ErrorCode::kTimeout);
}

}  // namespace
}  // namespace curlew::testing_origin
