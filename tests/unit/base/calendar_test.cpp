#include "curlew/base/calendar.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

using std::chrono::milliseconds;

TEST(Calendar, WritesTheTimeToTheMillisecond) {
  EXPECT_EQ(rfc3339(CalendarTime{milliseconds{1'704'164'645'678}}), "2024-01-02T03:04:05.678Z");
  EXPECT_EQ(rfc3339(CalendarTime{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(CalendarTime{milliseconds{-1}}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(rfc3339(CalendarTime{milliseconds{1'709'251'199'005}}), "2024-02-29T23:59:59.005Z");
}

}  // namespace
}  // namespace curlew
