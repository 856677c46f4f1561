#include "curlew/store/redis_rows.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

#include "curlew/store/result_codec.hpp"

namespace curlew {
namespace {

using Kind = RedisReply::Kind;

RedisReply text(std::string value) { return {.kind = Kind::kText, .text = std::move(value)}; }
RedisReply list(std::vector<RedisReply> values) { return {.kind = Kind::kList, .list = std::move(values)}; }

/// A batch as Redis tells it.
RedisReply a_batch() {
  return list({text(encode_options({.model = "birds"})), text("3"), text("2"), text("1"), text("0"),
               text("1750000000000"), text("1750086400000"), RedisReply{}, text("0"), text("1")});
}

TEST(RedisRows, OptionsComeBackWhateverTheyHold) {
  BatchOptions options{.task = Task::kDetect,
                       .model = std::string("a:7:\0\xff", 6),
                       .top = -1,
                       .threshold = std::nextafter(0.1F, 1.0F),
                       .thumbnail = true,
                       .publisher = "12:x"};
  EXPECT_EQ(decode_options(encode_options(options)), options);
  options = {};
  EXPECT_EQ(decode_options(encode_options(options)), options);
}

TEST(RedisRows, DamagedOptionsAreRefused) {
  const std::string good = encode_options({.model = "birds", .publisher = "run"});
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(decode_options(good.substr(0, size))) << size;
  EXPECT_FALSE(decode_options(good + "x"));
  for (const std::string_view bytes :
       {"7:3:0:0:0:0:", "0:3:0:2:0:0:", "0:3:0:0:99999999999999999999:", "0:3:0:0:9:ab0:", "0:x:0:0:0:0:"}) {
    EXPECT_FALSE(decode_options(bytes)) << bytes;
  }
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto options = decode_options(bytes);
    EXPECT_TRUE(!options || options->model.size() <= good.size());
  }
}

TEST(RedisRows, ABatchIsReadAsItIsKept) {
  const auto batch = read_batch("id", a_batch());
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->status.id, "id");
  EXPECT_EQ(batch->status.options.model, "birds");
  EXPECT_EQ(batch->status.phase, BatchStatus::Phase::kRunning);
  EXPECT_EQ(batch->status.total, 3U);
  EXPECT_EQ(batch->status.done, 2U);
  EXPECT_EQ(batch->status.failed, 1U);
  EXPECT_EQ(to_text(batch->status.created_at), "1750000000000");
  EXPECT_EQ(batch->status.expires_at - batch->status.created_at, std::chrono::hours(24));
  EXPECT_FALSE(batch->status.ended_at);
  EXPECT_EQ(batch->ending, Ending::kNone);
}

TEST(RedisRows, ABatchThatIsNotThereIsNone) { EXPECT_FALSE(read_batch("id", list(std::vector<RedisReply>(10)))); }

TEST(RedisRows, ADamagedBatchIsAFault) {
  for (std::size_t i = 0; i < 10; ++i) {
    if (i == 7) continue;  // of a batch that has not ended there is nothing
    RedisReply damaged = a_batch();
    damaged.list[i] = text("-x");
    EXPECT_THROW(read_batch("id", damaged), RedisFailure) << i;
  }
  RedisReply too_large = a_batch();
  too_large.list[1] = text("4294967296");
  EXPECT_THROW(read_batch("id", too_large), RedisFailure);
  RedisReply no_such_ending = a_batch();
  no_such_ending.list[8] = text("3");
  EXPECT_THROW(read_batch("id", no_such_ending), RedisFailure);
  EXPECT_THROW(read_batch("id", text("x")), RedisFailure);
  EXPECT_THROW(read_batch("id", list({text(encode_options({}))})), RedisFailure);
}

TEST(RedisRows, ResultsAreReadWithTheirSequenceNumbers) {
  const ItemResult result{
      .batch = "id", .index = 7, .url = "https://x.test/", .outcome = make_http_status_error(404), .timings = {}};
  const auto event = [&](const std::string& name, const std::string& outcome) {
    return list(
        {list({text(name), list({text("i"), text("7"), text("u"), text(result.url), text("o"), text(outcome)})})});
  };
  const auto read = read_events("id", event("12-0", encode_outcome(result)));
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].sequence, 12U);
  EXPECT_EQ(read[0].result.batch, "id");
  EXPECT_EQ(read[0].result.index, 7U);
  EXPECT_EQ(read[0].result.url, result.url);
  EXPECT_EQ(std::get<Error>(read[0].result.outcome).http_status, 404);
  EXPECT_THROW(read_events("id", event("12", encode_outcome(result))), RedisFailure);
  EXPECT_THROW(read_events("id", event("12-0", "nonsense")), RedisFailure);
}

TEST(RedisRows, ResultsCountAsGoodFailedOrCancelled) {
  ItemResult result{.batch = {}, .index = 0, .url = {}, .outcome = Success{}, .timings = {}};
  EXPECT_EQ(kind_of(result), "0");
  result.outcome = make_error(ErrorCode::kExpired, "");
  EXPECT_EQ(kind_of(result), "1");
  result.outcome = make_error(ErrorCode::kCancelled, "");
  EXPECT_EQ(kind_of(result), "2");
}

TEST(RedisReply, TellsWhatAnErrorMeansForTheStore) {
  using Why = RedisFailure::Kind;
  EXPECT_EQ(failure_of("OOM command not allowed", "h:1/0").kind, Why::kHeld);
  EXPECT_EQ(failure_of("READONLY You can't write", "h:1/0").kind, Why::kHeld);
  EXPECT_EQ(failure_of("MISCONF Errors writing to the AOF file", "h:1/0").kind, Why::kHeld);
  EXPECT_EQ(failure_of("LOADING Redis is loading", "h:1/0").kind, Why::kAway);
  EXPECT_EQ(failure_of("WRONGPASS invalid username-password pair", "h:1/0").kind, Why::kRefused);
  EXPECT_EQ(failure_of("NOPERM this user has no permissions", "h:1/0").kind, Why::kRefused);
  EXPECT_EQ(failure_of("ERR unknown command", "h:1/0").kind, Why::kFault);
  EXPECT_EQ(failure_of("", "h:1/0").kind, Why::kFault);
  EXPECT_THAT(failure_of("OOM command not allowed", "h:1/0").what, testing::StartsWith("Redis at h:1/0 is full"));
}

}  // namespace
}  // namespace curlew
