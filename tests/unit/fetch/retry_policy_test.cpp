#include "curlew/fetch/retry_policy.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace curlew {
namespace {

using namespace std::chrono_literals;

FailedTry passing_failure(int number) {
  return FailedTry{.number = number,
                   .tries = 3,
                   .error = make_error(ErrorCode::kConnectFailed, "the origin does not accept connections"),
                   .retry_after = {},
                   .elapsed = 1s,
                   .total = 30s};
}

TEST(RetryPolicy, WaitsLongerEachTime) {
  EXPECT_EQ(wait_before_retry(passing_failure(1), 0.0), 100ms);
  EXPECT_EQ(wait_before_retry(passing_failure(2), 0.0), 200ms);
}

TEST(RetryPolicy, SpreadsTheWaitByJitter) {
  EXPECT_EQ(wait_before_retry(passing_failure(1), 0.5), 150ms);
  EXPECT_EQ(wait_before_retry(passing_failure(1), 1.0), 200ms);
}

TEST(RetryPolicy, NeverWaitsLongByItself) {
  FailedTry failed = passing_failure(90);
  failed.tries = 100;
  EXPECT_EQ(wait_before_retry(failed, 1.0), 3s);
}

TEST(RetryPolicy, GivesUpWhenTheTriesAreUsedUp) { EXPECT_FALSE(wait_before_retry(passing_failure(3), 0.0)); }

TEST(RetryPolicy, GivesUpOnWhatDoesNotPass) {
  FailedTry failed = passing_failure(1);
  failed.error = make_http_status_error(404);
  EXPECT_FALSE(wait_before_retry(failed, 0.0));
  failed.error = make_http_status_error(503);
  EXPECT_TRUE(wait_before_retry(failed, 0.0));
}

TEST(RetryPolicy, ObeysRetryAfter) {
  FailedTry failed = passing_failure(1);
  failed.retry_after = 7s;
  EXPECT_EQ(wait_before_retry(failed, 0.9), 7s);
  failed.retry_after = 0s;
  EXPECT_EQ(wait_before_retry(failed, 0.0), 100ms);
}

TEST(RetryPolicy, GivesUpAtOnceWhenTheWaitWouldUseUpTheTotal) {
  FailedTry failed = passing_failure(1);
  failed.retry_after = 29s;
  EXPECT_FALSE(wait_before_retry(failed, 0.0));
  failed.retry_after = 28s;
  EXPECT_TRUE(wait_before_retry(failed, 0.0));
  failed.retry_after.reset();
  failed.elapsed = 30s;
  EXPECT_FALSE(wait_before_retry(failed, 0.0));
  failed.elapsed = 29950ms;
  EXPECT_FALSE(wait_before_retry(failed, 0.0));
}

constexpr std::chrono::sys_seconds kToday{784111777s};  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(RetryAfter, ADateIsComparedWithTodayWhereTheAnswerHasNone) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", "", kToday), 10s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", "no date", kToday), 10s);
}

TEST(RetryAfter, IsReadAsSeconds) {
  EXPECT_EQ(parse_retry_after("120", "", kToday), 120s);
  EXPECT_EQ(parse_retry_after(" 0 ", "", kToday), 0s);
  EXPECT_EQ(parse_retry_after("99999999999999999999999", "", kToday), 24h);
  EXPECT_EQ(parse_retry_after("9223372036854775807", "", kToday), 24h);
}

TEST(RetryAfter, IsReadAsADateInEachOfItsThreeForms) {
  const char* const date = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", date, kToday), 10s);
  EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:50:37 GMT", date, kToday), 60s);
  EXPECT_EQ(parse_retry_after("Sun Nov  6 08:49:38 1994", date, kToday), 1s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", date, kToday), 0s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 2094 08:00:00 GMT", date, kToday), 24h);
}

TEST(RetryAfter, IsIgnoredWhereItMakesNoSense) {
  EXPECT_FALSE(parse_retry_after("", "", kToday));
  EXPECT_FALSE(parse_retry_after("soon", "Sun, 06 Nov 1994 08:49:37 GMT", kToday));
  EXPECT_FALSE(parse_retry_after("-5", "", kToday));
  EXPECT_FALSE(parse_retry_after("1.5", "", kToday));
}

}  // namespace
}  // namespace curlew
