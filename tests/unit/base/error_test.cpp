#include "curlew/base/error.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace curlew {
namespace {

TEST(ErrorTable, HoldsThe19CodesThatClientsDependOn) {
  const std::set<std::string_view> contract = {"url_invalid",      "blocked_by_policy", "dns_failed",
                                               "connect_failed",   "tls_failed",        "timeout",
                                               "http_status",      "too_large",         "too_many_redirects",
                                               "truncated",        "not_an_image",      "unsupported_format",
                                               "expired",          "too_many_pixels",   "decode_failed",
                                               "inference_failed", "non_finite_output", "cancelled",
                                               "internal"};
  std::set<std::string_view> table;
  for (const auto& row : error_table()) table.insert(row.wire_name);
  EXPECT_EQ(error_table().size(), 19U);
  EXPECT_EQ(table, contract);
}

TEST(ErrorTable, OnlyWhatMayPassIsRetryable) {
  std::set<std::string_view> retryable;
  for (const auto& row : error_table()) {
    if (row.retryable) retryable.insert(row.wire_name);
  }
  EXPECT_EQ(retryable, (std::set<std::string_view>{"connect_failed", "timeout", "truncated"}));
}

TEST(Error, AStatusIsRetryableWhereItMayPass) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 599}) {
    EXPECT_TRUE(make_http_status_error(status).retryable) << status;
  }
  for (const int status : {204, 206, 304, 400, 401, 403, 404, 410, 418, 600}) {
    EXPECT_FALSE(make_http_status_error(status).retryable) << status;
  }
  EXPECT_EQ(make_http_status_error(404).http_status, 404);
  EXPECT_EQ(make_http_status_error(404).message, "the origin answered 404");
}

}  // namespace
}  // namespace curlew
