#include "curlew/http/http_problem.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "curlew/http/response_head.hpp"

namespace curlew {
namespace {

using nlohmann::json;

TEST(HttpErrorTable, HasEachNameOnceAndAStatusThatIsKnown) {
  std::set<std::string_view> names;
  for (const HttpErrorInfo& info : http_error_table()) {
    EXPECT_TRUE(names.insert(info.wire_name).second) << info.wire_name;
    EXPECT_FALSE(reason_phrase(info.status).empty()) << info.wire_name;
    EXPECT_GE(info.status, 400);
    EXPECT_TRUE(info.sentence.ends_with('.')) << info.wire_name;
    EXPECT_EQ(&http_error_info(info.code), &info);
  }
}

TEST(HttpErrorTable, HasEveryStatusOfTheInterface) {
  std::set<int> statuses;
  for (const HttpErrorInfo& info : http_error_table()) statuses.insert(info.status);
  for (const int status : {400, 401, 404, 405, 406, 408, 409, 410, 413, 414, 415, 422, 429, 431, 500, 501, 503}) {
    EXPECT_TRUE(statuses.contains(status)) << status;
  }
}

TEST(HttpProblem, IsAProblemWithItsCodeAndRequest) {
  HttpProblem problem = make_problem(HttpErrorCode::kInvalidRequest, "urls must not be empty");
  problem.members.emplace_back("pointer", "/urls");
  problem.members.emplace_back("limit", std::int64_t{3});
  const json body = json::parse(error_body(problem, "id-1", ErrorStyle::kProblem));
  EXPECT_EQ(body, json::parse(R"({"type": "urn:curlew:error:invalid_request", "title": "Invalid request", "status": 422,
                                  "detail": "urls must not be empty", "code": "invalid_request", "request_id": "id-1",
                                  "pointer": "/urls", "limit": 3})"));
}

TEST(HttpProblem, SaysTheTablesSentenceWhereItHasNoDetail) {
  const json body = json::parse(error_body(make_problem(HttpErrorCode::kNotFound, ""), "x", ErrorStyle::kProblem));
  EXPECT_EQ(body["detail"], http_error_info(HttpErrorCode::kNotFound).sentence);
}

TEST(HttpProblem, IsWrittenAsTheInferenceProtocolHasIt) {
  const HttpProblem problem = make_problem(HttpErrorCode::kNotFound, "no such model");
  EXPECT_EQ(json::parse(error_body(problem, "x", ErrorStyle::kInferenceProtocol)), json({{"error", "no such model"}}));
  EXPECT_EQ(error_media_type(ErrorStyle::kInferenceProtocol), "application/json");
  EXPECT_EQ(error_media_type(ErrorStyle::kProblem), "application/problem+json");
}

TEST(HttpProblem, SurvivesTextThatIsNotUtf8) {
  const HttpProblem problem = make_problem(HttpErrorCode::kMalformed, "bad \xff\xfe text");
  EXPECT_TRUE(json::accept(error_body(problem, "x", ErrorStyle::kProblem)));
}

TEST(HttpProblem, SaysWhenToComeBackWith429And503Only) {
  HttpProblem problem = make_problem(HttpErrorCode::kTooManyRequests, "");
  problem.retry_after = std::chrono::seconds(7);
  EXPECT_EQ(error_headers(problem).get("Retry-After"), "7");
  problem.retry_after = std::chrono::seconds(0);
  EXPECT_EQ(error_headers(problem).get("Retry-After"), "1");
  for (const HttpErrorInfo& info : http_error_table()) {
    const bool comes_back = info.status == 429 || info.status == 503;
    EXPECT_EQ(error_headers(make_problem(info.code, "")).find("Retry-After").has_value(), comes_back) << info.wire_name;
  }
}

TEST(HttpProblem, ChallengesWith401) {
  EXPECT_TRUE(error_headers(make_problem(HttpErrorCode::kUnauthorized, "")).find("WWW-Authenticate"));
  EXPECT_FALSE(error_headers(make_problem(HttpErrorCode::kNotFound, "")).find("WWW-Authenticate"));
}

}  // namespace
}  // namespace curlew
