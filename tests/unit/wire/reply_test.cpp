#include "curlew/wire/reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/wire/frames.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;

Json reply(const CommandAnswer& answer) { return data_of(write_reply(kId, answer, kTime)); }

/// A reply to kId with this response.
Json done(Json response) {
  return {{"cmd_msgid", "ABEiM0RVRneImaq7zN3u_w=="},
          {"failed", false},
          {"exception", false},
          {"reason", ""},
          {"response", std::move(response)}};
}

Result<PredictAnswer, ReplyError> read_predict(const Json& data) {
  return read_predict_reply(message_of(data, "reply"), kId);
}

Result<ResultsAnswer, ReplyError> read_results(const Json& data) {
  return read_results_reply(message_of(data, "reply"), kId);
}

ResultMessage message(std::uint32_t sequence) {
  ResultMessage message;
  message.result.batch = "b";
  message.result.index = sequence + 10;
  message.result.url = "http://a/" + std::to_string(sequence);
  message.result.outcome = make_http_status_error(404);
  message.has_index = true;
  message.sequence = sequence;
  message.total = 9;
  return message;
}

/// The last page of a batch.
ResultsAnswer page(std::vector<ResultMessage> results) {
  return {.results = std::move(results), .next = std::nullopt, .status = "done", .total = 9, .done = 9};
}

TEST(WrittenReply, HasTheKeysOfASuccessInTheirOrder) {
  const Frames frames = write_reply(kId, NoAnswer{}, kTime);
  EXPECT_EQ(frames.at(0), "reply");
  EXPECT_NE(frames.at(1), std::string(kId.begin(), kId.end()));
  EXPECT_EQ(data_of(frames).dump(),
            R"({"systemtime":"2024-01-02T03:04:05.678Z","cmd_msgid":"ABEiM0RVRneImaq7zN3u_w==","failed":false,)"
            R"("exception":false,"reason":"","response":null})");
}

TEST(WrittenReply, ThatRefusesHasNoResponse) {
  Json expected = {{"systemtime", "2024-01-02T03:04:05.678Z"},
                   {"cmd_msgid", "ABEiM0RVRneImaq7zN3u_w=="},
                   {"failed", true},
                   {"exception", true},
                   {"reason", "RuntimeError(\"it's full\")"}};
  EXPECT_EQ(reply(runtime_error("it's full")), expected);
  expected.erase("cmd_msgid");
  expected["reason"] = "FormatError()";
  EXPECT_EQ(data_of(write_reply(std::nullopt, Refusal{"FormatError()"}, kTime)), expected);
}

TEST(WrittenReply, NamesTheBatchThatThereIs) {
  EXPECT_EQ(reply(PredictAnswer{2, "b1"})["response"].dump(),
            R"({"status":"processing","num_images":2,"batch_id":"b1"})");
  EXPECT_EQ(reply(PredictAnswer{0, ""})["response"].dump(), R"({"status":"processing","num_images":0})");
}

TEST(WrittenReply, HoldsJsonAsItIs) {
  const std::string json = R"({"models":[{"name":"gr\u00fcn","size":18446744073709551615,"scale":0.1,"x":null}]})";
  EXPECT_EQ(reply(JsonAnswer{json})["response"], Json::parse(json));
  EXPECT_EQ(reply(JsonAnswer{"no json"})["reason"], "RuntimeError('the answer cannot be written')");
}

TEST(WrittenReply, EchoesNothingAsAnEmptyList) { EXPECT_EQ(reply(EchoAnswer{})["response"], Json::array()); }

TEST(ResultsReply, GivesBackWhatWasWritten) {
  const ResultsAnswer answer{
      .results = {message(4), message(5)}, .next = 5, .status = "running", .total = 9, .done = 7};
  const Frames frames = write_reply(kId, answer, kTime);
  const auto read = read_results_reply(frames, kId);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->next, 5U);
  EXPECT_EQ(read->status, "running");
  EXPECT_EQ(read->total, 9U);
  EXPECT_EQ(read->done, 7U);
  ASSERT_EQ(read->results.size(), 2U);
  EXPECT_EQ(read->results[1].sequence, 5U);
  EXPECT_EQ(read->results[1].result.index, 15U);
  EXPECT_EQ(data_of(write_reply(kId, *read, kTime)), data_of(frames));
}

TEST(ResultsReply, MayBeEmptyAndTheLast) {
  const auto read = read_results_reply(write_reply(kId, page({}), kTime), kId);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->next, std::nullopt);
  EXPECT_TRUE(read->results.empty());
}

TEST(ResultsReply, IsUnreadableWhereItIsNotWhatItShouldBe) {
  const Json good = data_of(write_reply(kId, page({message(1)}), kTime));
  ASSERT_TRUE(read_results(good));
  const auto with = [&](const char* name, Json value) {
    Json data = good;
    data["response"][name] = std::move(value);
    const auto read = read_results(data);
    return !read && read.error().kind == ReplyError::Kind::kUnreadable;
  };
  EXPECT_TRUE(with("results", nullptr));
  EXPECT_TRUE(with("results", {7}));
  EXPECT_TRUE(with("results", {{{"url", "u"}}}));
  EXPECT_TRUE(with("results", Json(std::vector<int>(1001))));
  EXPECT_TRUE(with("next", "x"));
  EXPECT_TRUE(with("next", -1));
  EXPECT_TRUE(with("status", 7));
  EXPECT_TRUE(with("total", nullptr));
  EXPECT_TRUE(with("done", -1));
  const Json entry = good["response"]["results"][0];
  EXPECT_TRUE(with("results", {entry, entry})) << "the same sequence twice";
}

TEST(PredictReply, IsReadOfEitherService) {
  const auto curlew = read_predict_reply(write_reply(kId, PredictAnswer{3, "b1"}, kTime), kId);
  ASSERT_TRUE(curlew);
  EXPECT_EQ(curlew->images, 3U);
  EXPECT_EQ(curlew->batch, "b1");
  const auto python = read_predict(done({{"status", "processing"}, {"num_images", 2}}));
  ASSERT_TRUE(python);
  EXPECT_EQ(python->images, 2U);
  EXPECT_EQ(python->batch, "");
}

TEST(PredictReply, MaySayNo) {
  const auto message = [](const Json& data) {
    const auto read = read_predict(data);
    EXPECT_TRUE(!read && read.error().kind == ReplyError::Kind::kRefused);
    return read ? "" : read.error().message;
  };
  EXPECT_EQ(message(done({{"status", "error"}, {"error", "Model not loaded"}})), "Model not loaded");
  EXPECT_EQ(message(reply(runtime_error("full"))), "RuntimeError('full')");
  Json data = done(nullptr);
  data["exception"] = 1;
  EXPECT_THAT(message(data), HasSubstr("no reason"));
  data = done(nullptr);
  data["failed"] = true;
  data["reason"] = 7;
  EXPECT_THAT(message(data), HasSubstr("no reason"));
}

TEST(PredictReply, IsUnreadableWhereItIsNotToThisRequest) {
  const auto unreadable = [](const Frames& frames) {
    const auto read = read_predict_reply(frames, kId);
    return !read && read.error().kind == ReplyError::Kind::kUnreadable && !read.error().message.empty();
  };
  const Json good = done({{"status", "processing"}, {"num_images", 2}});
  ASSERT_FALSE(unreadable(message_of(good)));
  EXPECT_TRUE(unreadable({}));
  EXPECT_TRUE(unreadable(message_of(7)));
  EXPECT_TRUE(unreadable(message_of_bytes("\xc1")));
  EXPECT_TRUE(unreadable(write_reply(MessageId{}, PredictAnswer{1, ""}, kTime)));
  EXPECT_TRUE(unreadable(write_reply(std::nullopt, Refusal{"FormatError()"}, kTime)));
  const auto with = [&](const char* name, Json value) {
    Json data = good;
    data[name] = std::move(value);
    return unreadable(message_of(data));
  };
  EXPECT_TRUE(with("cmd_msgid", "00112233445566778899aabbccddeeff"));
  EXPECT_TRUE(with("cmd_msgid", "ABEiM0RVRneImaq7zN3u_w"));
  EXPECT_TRUE(with("response", nullptr));
  EXPECT_TRUE(with("response", Json::array()));
  EXPECT_TRUE(with("response", {{"num_images", -1}}));
  EXPECT_TRUE(with("response", {{"num_images", "2"}}));
  Json silent = good;
  silent.erase("exception");
  EXPECT_TRUE(unreadable(message_of(silent)));
}

}  // namespace
}  // namespace curlew
