#include "curlew/service/list_order.hpp"

#include <gtest/gtest.h>

#include "unit/service/service_fakes.hpp"

namespace curlew {
namespace {

using fakes::FakeBoard;

/// "STATUS wire_name MEMBER=VALUE" of a refusal.
template <class T>
std::string refusal(const Result<T, HttpProblem>& result) {
  if (result) return "taken";
  std::string text =
      std::to_string(result.error().status()) + " " + std::string(http_error_info(result.error().code).wire_name);
  for (const auto& [name, value] : result.error().members) text += " " + name + "=" + std::get<std::string>(value);
  EXPECT_FALSE(result.error().detail.empty()) << text;
  return text;
}

std::string of_body(const std::string& body, std::optional<Task> task = std::nullopt, const FakeBoard& board = {}) {
  return refusal(read_batch(body, task, 3, board));
}

std::string of_query(const QueryParameters& query, Task task = Task::kClassify, const FakeBoard& board = {}) {
  return refusal(read_query(query, task, 3, board));
}

TEST(ListOrder, OfABodyHasTheDefaultsOfTaskAndModel) {
  const auto batch = read_batch(R"({"urls": ["http://a.example/x", "no url"]})", std::nullopt, 3, FakeBoard());
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->options, (BatchOptions{.task = Task::kClassify, .model = "birds", .top = 3, .threshold = 0.5F}));
  ASSERT_EQ(batch->items.size(), 2U);
  EXPECT_EQ(batch->items[1].text, "no url") << "what is no URL is an item that fails, later";
  EXPECT_FALSE(batch->idempotency);
}

TEST(ListOrder, TakesTheTaskFromTheRouteThenTheBodyThenTheModel) {
  const FakeBoard board;
  const auto task_of = [&](const std::string& members, std::optional<Task> route) {
    return read_batch(R"({"urls": ["x"])" + members + "}", route, 3, board).value().options.task;
  };
  EXPECT_EQ(task_of("", Task::kDetect), Task::kDetect);
  EXPECT_EQ(task_of(R"(, "task": "detect")", std::nullopt), Task::kDetect);
  EXPECT_EQ(task_of(R"(, "model": "coco")", std::nullopt), Task::kDetect) << "a detector can only detect";
  EXPECT_EQ(task_of("", std::nullopt), Task::kClassify);
}

TEST(ListOrder, ThresholdIsTheModelsWhereNobodyAsksForAnother) {
  const FakeBoard board;
  EXPECT_FLOAT_EQ(resolve_options({}, Task::kDetect, board)->threshold, 0.4F);
  EXPECT_FLOAT_EQ(
      resolve_options({.task = {}, .model = {}, .top = {}, .threshold = 0.0F}, Task::kDetect, board)->threshold, 0.0F);
  const auto batch = read_batch(R"({"urls": ["x"], "top": 7.0, "threshold": 1})", Task::kDetect, 3, board);
  EXPECT_FLOAT_EQ(batch->options.threshold, 1.0F);
  EXPECT_EQ(batch->options.top, 7);
}

TEST(ListOrder, HasThumbnailsOnlyWhereOneAsksForThem) {
  const FakeBoard board;
  const auto of_members = [&](const std::string& members, const AskedOptions& query = {}) {
    return read_batch(R"({"urls": ["x"])" + members + "}", Task::kClassify, 3, board, query).value().options.thumbnail;
  };
  const auto of_value = [&](const std::string& value) {
    return read_query({{"url", "x"}, {"thumbnail", value}}, Task::kClassify, 3, board).value().options.thumbnail;
  };
  EXPECT_FALSE(of_members(""));
  EXPECT_TRUE(of_members(R"(, "thumbnail": true)"));
  EXPECT_TRUE(of_value("true"));
  EXPECT_FALSE(of_value("false"));
  const auto query = read_post_query({{"thumbnail", "true"}}, Task::kClassify, board);
  ASSERT_TRUE(query);
  EXPECT_TRUE(of_members("", *query));
  EXPECT_FALSE(of_members(R"(, "thumbnail": false)", *query)) << "what the body says goes before the query";
  EXPECT_TRUE(read_upload_query({{"thumbnail", "false"}, {"thumbnail", "true"}}, Task::kDetect, board)->thumbnail);
  for (const char* wrong : {"", "1", "0", "True", "yes", "true "}) {
    EXPECT_EQ(of_query({{"url", "a"}, {"thumbnail", wrong}}), "422 invalid_request parameter=thumbnail") << wrong;
  }
  EXPECT_EQ(of_body(R"({"urls": ["a"], "thumbnail": 1})"), "422 invalid_request pointer=/thumbnail");
}

TEST(ListOrder, RefusesBodiesWithCodeAndPointer) {
  EXPECT_EQ(of_body(""), "400 malformed");
  EXPECT_EQ(of_body(R"({"urls": ["x"], "threshold": NaN})"), "400 malformed");
  EXPECT_EQ(of_body("[]"), "422 invalid_request pointer=");
  EXPECT_EQ(of_body("{}"), "422 invalid_request pointer=");
  EXPECT_EQ(of_body(R"({"urls": []})"), "422 invalid_request pointer=/urls");
  EXPECT_EQ(of_body(R"({"urls": ["a", "b", "c", "d"]})"), "422 invalid_request pointer=/urls") << "four of three";
  EXPECT_EQ(of_body(R"({"urls": ["a", "b", "c"]})"), "taken");
  EXPECT_EQ(of_body(R"({"urls": ["a", 1]})"), "422 invalid_request pointer=/urls/1");
  EXPECT_EQ(of_body(R"({"urls": ["a"], "top": 0})"), "422 invalid_request pointer=/top");
  EXPECT_EQ(of_body(R"({"urls": ["a"], "threshold": 1.5})"), "422 invalid_request pointer=/threshold");
  EXPECT_EQ(of_body(R"({"urls": ["a"], "task": "name"})"), "422 invalid_request pointer=/task");
  EXPECT_EQ(of_body(R"({"urls": ["a"], "task": "detect"})", Task::kDetect), "422 invalid_request pointer=/task");
  EXPECT_EQ(of_body(R"({"urls": ["a"], "colour/~": 1})"), "422 invalid_request pointer=/colour~1~0");
  EXPECT_EQ(of_body(R"({"urls": ["a"], "model": "none"})"), "422 invalid_request pointer=/model");
  EXPECT_EQ(of_body(R"({"urls": ["a"], "model": "coco"})", Task::kClassify), "422 invalid_request pointer=/model");
  EXPECT_EQ(of_body(R"({"urls": ["a"], "model": "birds", "task": "detect"})"), "422 invalid_request pointer=/model");
}

TEST(ListOrder, AModelThatIsNotToBeHadIsUnavailableAndSaysWhenToComeAgain) {
  EXPECT_EQ(of_body(R"({"urls": ["a"], "model": "lost"})"), "503 model_unavailable");
  FakeBoard board;
  board.detect = "";
  EXPECT_EQ(of_body(R"({"urls": ["a"]})", Task::kDetect, board), "503 model_unavailable");
  EXPECT_EQ(of_body(R"({"urls": ["a"]})", Task::kClassify, board), "taken") << "the other task goes on";
  EXPECT_EQ(of_query({{"url", "a"}, {"model", "lost"}}), "503 model_unavailable");
  const auto problem = resolve_options({.task = {}, .model = "lost", .top = {}, .threshold = {}}, {}, board).error();
  EXPECT_EQ(error_headers(problem).get("Retry-After"), "60");
}

TEST(ListOrder, OfAQueryKeepsUrlsInTheirOrder) {
  const auto batch =
      read_query({{"url", "http://a.example/1"}, {"top", "5"}, {"url", "http://a.example/\xff"}, {"threshold", "0.25"}},
                 Task::kDetect, 3, FakeBoard());
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->items.size(), 2U);
  EXPECT_EQ(batch->items[0].text, "http://a.example/1");
  EXPECT_EQ(batch->items[1].text, "http://a.example/\xff");
  EXPECT_EQ(batch->options, (BatchOptions{.task = Task::kDetect, .model = "coco", .top = 5, .threshold = 0.25F}));
}

TEST(ListOrder, RefusesQueriesWithTheParameterThatIsWrong) {
  EXPECT_EQ(of_query({}), "422 invalid_request parameter=url");
  EXPECT_EQ(of_query({{"url", "a"}, {"url", "b"}, {"url", "c"}}), "taken");
  EXPECT_EQ(of_query({{"url", "a"}, {"url", "b"}, {"url", "c"}, {"url", "d"}}), "422 invalid_request parameter=url");
  for (const char* wrong : {"", "0", "1001", "-1", "+1", "3.0", "1e1", " 1", "99999999999999999999"}) {
    EXPECT_EQ(of_query({{"url", "a"}, {"top", wrong}}), "422 invalid_request parameter=top") << wrong;
  }
  for (const char* wrong : {"", "-0.1", "1.1", "nan", "inf", "0,5", "0.5x"}) {
    EXPECT_EQ(of_query({{"url", "a"}, {"threshold", wrong}}), "422 invalid_request parameter=threshold") << wrong;
  }
  EXPECT_EQ(of_query({{"url", "a"}, {"model", "none"}}), "422 invalid_request parameter=model");
  EXPECT_EQ(of_query({{"url", "a"}, {"model", "coco"}}), "422 invalid_request parameter=model");
  EXPECT_EQ(of_query({{"url", "a"}, {"urls", "b"}}), "422 invalid_request parameter=urls");
  EXPECT_EQ(of_query({{"url", "a"}, {"task", "detect"}}), "422 invalid_request parameter=task");
}

TEST(ListOrder, AnOptionThatIsThereTwiceIsRefused) {
  EXPECT_EQ(of_query({{"url", "a"}, {"top", "1"}, {"top", "2"}}), "422 invalid_request parameter=top");
  EXPECT_EQ(refusal(read_post_query({{"model", "coco"}, {"model", "coco"}}, Task::kDetect, FakeBoard())),
            "422 invalid_request parameter=model");
}

TEST(ListOrder, WhatABodySaysGoesBeforeItsQuery) {
  const FakeBoard board;
  const auto query = read_post_query({{"top", "5"}, {"threshold", "0.25"}}, Task::kClassify, board);
  ASSERT_TRUE(query);
  const auto batch = read_batch(R"({"urls": ["x"], "top": 7})", Task::kClassify, 3, board, *query);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->options, (BatchOptions{.task = Task::kClassify, .model = "birds", .top = 7, .threshold = 0.25F}));
  EXPECT_EQ(refusal(read_post_query({{"url", "x"}}, Task::kClassify, board)), "422 invalid_request parameter=url");
  EXPECT_EQ(refusal(read_post_query({{"model", "coco"}}, Task::kClassify, board)),
            "422 invalid_request parameter=model");
}

TEST(ListOrder, AParameterThatIsNoUtf8CanBeRefusedAloud) {
  const auto wrong = read_query({{"\xff\xfe", "1"}}, Task::kClassify, 3, FakeBoard());
  ASSERT_FALSE(wrong);
  EXPECT_NE(error_body(wrong.error(), "id", ErrorStyle::kProblem).find("\xef\xbf\xbd"), std::string::npos);
}

TEST(ListOrder, OfAPictureTakesOptionsAndNoUrl) {
  const FakeBoard board;
  const auto options = read_upload_query({{"model", "coco"}, {"threshold", "0.9"}}, Task::kDetect, board);
  ASSERT_TRUE(options);
  EXPECT_EQ(*options, (BatchOptions{.task = Task::kDetect, .model = "coco", .top = 3, .threshold = 0.9F}));
  EXPECT_EQ(refusal(read_upload_query({{"url", "a"}}, Task::kDetect, board)), "422 invalid_request parameter=url");
  EXPECT_EQ(refusal(read_upload_query({{"model", "birds"}}, Task::kDetect, board)),
            "422 invalid_request parameter=model");
}

TEST(ListOrder, AWholeNumberHasADefaultAndBothItsLimits) {
  const QueryParameters query = {{"limit", "10"}, {"low", "1"}, {"wrong", "ten"}, {"limit", "20"}};
  EXPECT_EQ(whole_number(query, "missing", 7, 1, 5).value(), 7) << "the default need not be within";
  EXPECT_EQ(whole_number(query, "limit", 7, 1, 10).value(), 10) << "the first of two";
  EXPECT_EQ(whole_number(query, "low", 7, 1, 10).value(), 1);
  EXPECT_EQ(refusal(whole_number(query, "limit", 7, 1, 9)), "422 invalid_request parameter=limit");
  EXPECT_EQ(refusal(whole_number(query, "low", 7, 2, 9)), "422 invalid_request parameter=low");
  EXPECT_EQ(refusal(whole_number(query, "wrong", 7, 1, 9)), "422 invalid_request parameter=wrong");
}

}  // namespace
}  // namespace curlew
