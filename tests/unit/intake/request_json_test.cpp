#include "curlew/intake/request_json.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace curlew {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = RequestError::Kind;

constexpr RequestRules kBatch{.task = RequestRules::TaskMember::kTaken};

std::vector<std::string> urls_of(std::string_view body) {
  const auto request = read_list_request(body, kBatch);
  if (!request) return {"error: " + request.error().message};
  std::vector<std::string> texts;
  for (const ListEntry& entry : request->urls) texts.push_back(entry.text);
  return texts;
}

/// "malformed", "wrong at POINTER", or "fine".
std::string verdict(std::string_view body, const RequestRules& rules = kBatch) {
  const auto request = read_list_request(body, rules);
  if (request) return "fine";
  EXPECT_FALSE(request.error().message.empty());
  if (request.error().kind == Kind::kMalformed) return "malformed";
  return "wrong at " + request.error().pointer;
}

std::string message(std::string_view body, const RequestRules& rules = kBatch) {
  const auto request = read_list_request(body, rules);
  return request ? "fine" : request.error().message;
}

/// A request with one more member.
std::string with(std::string_view member) { return fmt::format(R"({{"urls": ["https://a/1.jpg"], {}}})", member); }

TEST(RequestJson, ReadsAllMembers) {
  const auto request = read_list_request(
      R"({"thumbnail": true, "threshold": 0.25, "top": 5, "model": "birds", "task": "detect", "urls": ["https://a/1.jpg", "b"]})",
      kBatch);
  ASSERT_TRUE(request);
  ASSERT_EQ(request->urls.size(), 2U);
  EXPECT_EQ(request->urls[1].text, "b");
  EXPECT_EQ(request->task, Task::kDetect);
  EXPECT_EQ(request->model, "birds");
  EXPECT_EQ(request->top, 5);
  EXPECT_EQ(request->threshold, 0.25F);
  EXPECT_EQ(request->thumbnail, true);
}

TEST(RequestJson, LeavesOutWhatTheClientLeftOut) {
  const auto request = read_list_request(R"({"urls": ["https://a/1.jpg"]})", kBatch);
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->task || request->model || request->top || request->threshold || request->thumbnail);
}

TEST(RequestJson, KeepsEveryUrlLetterForLetterHoweverBad) {
  EXPECT_THAT(urls_of(R"({"urls": ["", " x ", "file:///etc/passwd", "https:\/\/a\/\u00e9\u0000"]})"),
              ElementsAre("", " x ", "file:///etc/passwd", std::string("https://a/\xc3\xa9\0", 13)));
  EXPECT_EQ(urls_of(with(R"("top": 1)")), std::vector<std::string>{"https://a/1.jpg"});
}

TEST(RequestJson, KeepsOfAnEndlessUrlOnlySoMuchAsShowsThatItIsNone) {
  const auto request = read_list_request(R"({"urls": [")" + std::string(1'000'000, 'a') + "\"]}", kBatch);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->urls.front().text.size(), kMaxEntryBytes);
}

TEST(RequestJson, TakesWholeNumbersInEverySpelling) {
  for (const std::string spelling : {"3", "3.0", "30e-1", "0.3E1"}) {
    const auto request = read_list_request(with("\"top\": " + spelling), kBatch);
    ASSERT_TRUE(request) << spelling;
    EXPECT_EQ(request->top, 3) << spelling;
  }
  EXPECT_EQ(verdict(with(R"("threshold": 1)")), "fine");
  EXPECT_EQ(verdict(with(R"("threshold": 0)")), "fine");
}

TEST(RequestJson, RefusesNumbersOutOfRangeWithTheRange) {
  for (const std::string value :
       {"0", "1001", "-1", "2.5", "1e300", "18446744073709551615", "\"3\"", "null", "true", "[3]", "{}", "-0.0"}) {
    EXPECT_EQ(verdict(with("\"top\": " + value)), "wrong at /top") << value;
  }
  for (const std::string value : {"-0.001", "1.001", "\"0.5\"", "null", "[]", "9e99"}) {
    EXPECT_EQ(verdict(with("\"threshold\": " + value)), "wrong at /threshold") << value;
  }
  EXPECT_THAT(message(with(R"("top": 0)")), HasSubstr("1 to 1000"));
  EXPECT_THAT(message(with(R"("threshold": 2)")), HasSubstr("0 to 1"));
}

TEST(RequestJson, RefusesAModelThatIsNoName) {
  for (const std::string value : {"\"\"", "3", "null", "[\"birds\"]"}) {
    EXPECT_EQ(verdict(with("\"model\": " + value)), "wrong at /model") << value;
  }
  EXPECT_EQ(verdict(with("\"model\": \"" + std::string(65, 'm') + "\"")), "wrong at /model");
  EXPECT_EQ(verdict(with("\"model\": \"" + std::string(64, 'm') + "\"")), "fine");
}

TEST(RequestJson, TakesNothingButTrueAndFalseForAThumbnail) {
  EXPECT_EQ(read_list_request(with(R"("thumbnail": false)"), kBatch)->thumbnail, false);
  for (const std::string value : {"1", "0", "\"true\"", "null", "[true]", "{}", "192"}) {
    EXPECT_EQ(verdict(with("\"thumbnail\": " + value)), "wrong at /thumbnail") << value;
  }
  EXPECT_EQ(verdict(with(R"("thumbnail": true, "thumbnail": true)")), "malformed");
}

TEST(RequestJson, TakesATaskOnlyWhereThePathSaysNone) {
  EXPECT_EQ(verdict(with(R"("task": "classify")")), "fine");
  EXPECT_EQ(verdict(with(R"("task": "Classify")")), "wrong at /task");
  EXPECT_EQ(verdict(with(R"("task": 1)")), "wrong at /task");
  EXPECT_EQ(verdict(with(R"("task": "classify")"), RequestRules{}), "wrong at /task");
  EXPECT_THAT(message(with(R"("taks": "classify")"), RequestRules{}), testing::Not(HasSubstr("did you mean \"task\"")));
}

TEST(RequestJson, RefusesWhatIsNoList) {
  EXPECT_EQ(verdict("[]"), "wrong at ");
  EXPECT_EQ(verdict(R"(["https://a/1.jpg"])"), "wrong at ");
  EXPECT_EQ(verdict("3"), "wrong at ");
  EXPECT_EQ(verdict("{}"), "wrong at ");
  EXPECT_THAT(message("{}"), HasSubstr("\"urls\" is missing"));
  EXPECT_EQ(verdict(R"({"urls": []})"), "wrong at /urls");
  EXPECT_EQ(verdict(R"({"urls": "https://a/1.jpg"})"), "wrong at /urls");
  EXPECT_EQ(verdict(R"({"urls": {"0": "https://a/1.jpg"}})"), "wrong at /urls");
  EXPECT_EQ(verdict(R"({"urls": null})"), "wrong at /urls");
}

TEST(RequestJson, PointsAtTheEntryThatIsNoText) {
  EXPECT_EQ(verdict(R"({"urls": ["a", "b", 3]})"), "wrong at /urls/2");
  EXPECT_EQ(verdict(R"({"urls": [["a"], null]})"), "wrong at /urls/0");
  EXPECT_EQ(verdict(R"({"urls": ["a", {"url": "b"}]})"), "wrong at /urls/1");
}

TEST(RequestJson, NamesTheNearestMemberForOneThatIsUnknown) {
  EXPECT_EQ(verdict(with(R"("treshold": 0.5)")), "wrong at /treshold");
  EXPECT_THAT(message(with(R"("treshold": 0.5)")), HasSubstr("did you mean \"threshold\""));
  EXPECT_THAT(message(with(R"("colour_space": [1, {"a": 2}])")),
              HasSubstr("urls, task, model, top, threshold, thumbnail"));
  EXPECT_EQ(verdict(with(R"("a/b~c": 1)")), "wrong at /a~1b~0c");
  EXPECT_EQ(verdict(with("\"" + std::string(100'000, 'x') + "\": 1")), "wrong at ");
}

TEST(RequestJson, RefusesALongerListThanTheLimit) {
  const RequestRules two{.task = RequestRules::TaskMember::kTaken, .max_items = 2};
  EXPECT_EQ(verdict(R"({"urls": ["a", "b"]})", two), "fine");
  EXPECT_EQ(verdict(R"({"urls": ["a", "b", "c", 4]})", two), "wrong at /urls");
  EXPECT_THAT(message(R"({"urls": ["a", "b", "c"]})", two), HasSubstr("more than 2"));
}

TEST(RequestJson, CallsMalformedWhatIsNotJson) {
  for (const std::string body :
       {"", " ", "{", "{\"urls\": [\"a\"]", "{\"urls\": [\"a\"]} x", "{'urls': ['a']}", "{\"urls\": [\"a\",]}",
        "{\"urls\": [\"a\"],}", "urls=a", "{\"urls\": [\"a\nb\"]}", "{\"urls\": [\"\\ud800\"]}",
        "{\"urls\": [\"\\x\"]}", "{\"top\": 03, \"urls\": []}", "/* */ {}", "\xff\xfe{\0}\0"}) {
    EXPECT_EQ(verdict(body), "malformed") << body;
  }
  EXPECT_EQ(verdict("\xef\xbb\xbf{\"urls\": [\"a\"]}"), "fine");
}

TEST(RequestJson, CallsMalformedWhatIsNotUtf8) {
  for (const std::string bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_EQ(verdict("{\"urls\": [\"" + bytes + "\"]}"), "malformed");
  }
}

TEST(RequestJson, CallsMalformedNumbersThatAreNone) {
  for (const std::string value : {"NaN", "Infinity", "-Infinity"}) {
    EXPECT_EQ(verdict(with("\"threshold\": " + value)), "malformed") << value;
    EXPECT_THAT(message(with("\"threshold\": " + value)), HasSubstr("NaN and Infinity")) << value;
  }
  EXPECT_EQ(verdict(with("\"threshold\": 1e999")), "malformed");
  EXPECT_EQ(verdict(with("\"threshold\": nan")), "malformed");
}

TEST(RequestJson, SaysMalformedRatherThanWrongWhereBothAreTrue) {
  EXPECT_EQ(verdict(R"({"colour": 1, "urls": [})"), "malformed");
  EXPECT_EQ(verdict(R"(["a"] x)"), "malformed");
}

TEST(RequestJson, RefusesTheSameMemberTwice) {
  EXPECT_EQ(verdict(R"({"urls": ["a"], "urls": ["b"]})"), "malformed");
  EXPECT_EQ(verdict(with(R"("top": 1, "\u0074op": 2)")), "malformed");
  EXPECT_THAT(message(with(R"("top": 1, "top": 1)")), HasSubstr("\"top\""));
}

TEST(RequestJson, StopsAtTheDepthLimitHoweverDeepTheBodyGoes) {
  const auto nested = [](std::size_t lists) {
    return with("\"x\": " + std::string(lists, '[') + std::string(lists, ']'));
  };
  EXPECT_EQ(verdict(nested(kMaxJsonDepth - 1)), "wrong at /x");
  EXPECT_EQ(verdict(nested(kMaxJsonDepth)), "malformed");
  EXPECT_THAT(message(std::string(4'000'000, '[')), HasSubstr("64"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_THAT(message(objects), HasSubstr("64"));
}

TEST(RequestJson, NeverRepeatsMoreThanALittleOfAHostileBody) {
  const std::string long_name(10'000, 'q');
  EXPECT_LT(message(with("\"" + long_name + "\": 1")).size(), 300U);
  EXPECT_LT(message(with("\"model\": \"" + long_name + "\"")).size(), 300U);
  EXPECT_LT(message(long_name).size(), 300U);
}

}  // namespace
}  // namespace curlew
