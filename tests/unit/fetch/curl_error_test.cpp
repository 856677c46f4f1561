#include "curlew/fetch/curl_error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace curlew {
namespace {

ErrorCode code_of(CURLcode code, Progress progress = Progress::kBeforeHead) {
  return error_of_curl(code, progress).code;
}

TEST(CurlError, TellsTheWaysOfFailingApart) {
  EXPECT_EQ(code_of(CURLE_COULDNT_CONNECT), ErrorCode::kConnectFailed);
  EXPECT_EQ(code_of(CURLE_GOT_NOTHING), ErrorCode::kConnectFailed);
  EXPECT_EQ(code_of(CURLE_OPERATION_TIMEDOUT), ErrorCode::kTimeout);
  EXPECT_EQ(code_of(CURLE_PEER_FAILED_VERIFICATION), ErrorCode::kTlsFailed);
  EXPECT_EQ(code_of(CURLE_SSL_CONNECT_ERROR), ErrorCode::kTlsFailed);
  EXPECT_EQ(code_of(CURLE_COULDNT_RESOLVE_HOST), ErrorCode::kDnsFailed);
  EXPECT_EQ(code_of(CURLE_UNSUPPORTED_PROTOCOL), ErrorCode::kConnectFailed);
  EXPECT_EQ(code_of(CURLE_SSL_CACERT_BADFILE), ErrorCode::kInternal);
}

TEST(CurlError, ABreakInTheBodyIsTruncated) {
  for (const CURLcode code : {CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_HTTP2_STREAM}) {
    EXPECT_EQ(code_of(code, Progress::kInBody), ErrorCode::kTruncated);
    EXPECT_EQ(code_of(code, Progress::kBeforeHead), ErrorCode::kConnectFailed);
  }
}

TEST(CurlError, IsRetryableAsTheTableSays) {
  EXPECT_TRUE(error_of_curl(CURLE_COULDNT_CONNECT, Progress::kBeforeHead).retryable);
  EXPECT_TRUE(error_of_curl(CURLE_PARTIAL_FILE, Progress::kInBody).retryable);
  EXPECT_FALSE(error_of_curl(CURLE_PEER_FAILED_VERIFICATION, Progress::kBeforeHead).retryable);
  EXPECT_FALSE(error_of_curl(CURLE_FAILED_INIT, Progress::kBeforeHead).retryable);
}

TEST(CurlError, NeverShowsTheLibrarysText) {
  for (int i = 1; i < CURL_LAST; ++i) {
    const auto code = static_cast<CURLcode>(i);
    for (const Progress progress : {Progress::kBeforeHead, Progress::kInBody}) {
      const std::string message = error_of_curl(code, progress).message;
      EXPECT_FALSE(message.empty());
      EXPECT_EQ(message.find(curl_easy_strerror(code)), std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace curlew
