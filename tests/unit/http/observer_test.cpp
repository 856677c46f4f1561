#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "curlew/http/http_observer.hpp"
#include "curlew/http/request_id.hpp"

namespace curlew {
namespace {

TEST(AccessLog, IsALineOfJson) {
  const HttpExchange exchange{.route = "batch",
                              .method = "GET",
                              .path = "/v1/batches/\"\n\xff",
                              .client = "192.0.2.1",
                              .request_id = "id",
                              .status = 200,
                              .body_bytes = 1,
                              .answer_bytes = 2,
                              .took = std::chrono::microseconds(1500),
                              .complete = true};
  const std::string line = access_log_line(exchange);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["route"], "batch");
  EXPECT_EQ(json["status"], 200);
  EXPECT_EQ(json["ms"], 1.5);
  EXPECT_EQ(json["client"], "192.0.2.1");
}

TEST(AccessLog, CutsPathsThatNobodyReads) {
  const std::string path(5000, 'x');
  EXPECT_LT(access_log_line({.path = path}).size(), 500U);
}

TEST(RequestId, IsTakenWhereItIsShortAndPlain) {
  EXPECT_TRUE(is_request_id("a.B_9-"));
  EXPECT_TRUE(is_request_id(std::string(64, 'x')));
  for (const char* wrong : {"", "a b", "a\"b", "a/b", "\xc3\xa4"}) EXPECT_FALSE(is_request_id(wrong)) << wrong;
  EXPECT_FALSE(is_request_id(std::string(65, 'x')));
}

TEST(RequestId, IsMadeNewEachTime) {
  RequestIds ids;
  RequestIds others;
  const std::string first = ids.next();
  EXPECT_TRUE(is_request_id(first));
  EXPECT_NE(first, ids.next());
  EXPECT_NE(first, others.next());
}

}  // namespace
}  // namespace curlew
