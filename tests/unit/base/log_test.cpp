#include "curlew/base/log.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

TEST(Log, EscapesControlCharactersOfWhatAnOriginSent) {
  testing::internal::CaptureStderr();
  log_warning("url {}", "x\x1b[31m\r\nfake line");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("url x\\x1b[31m\\x0d\\x0afake line\n"), std::string::npos) << text;
}

TEST(Log, IsQuietBelowItsLevel) {
  EXPECT_FALSE(log_enabled(LogLevel::kInfo));
  set_log_level(LogLevel::kDebug);
  EXPECT_TRUE(log_enabled(LogLevel::kDebug));
  set_log_level(LogLevel::kWarning);
  testing::internal::CaptureStderr();
  log_info("not {}", "shown");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace curlew
