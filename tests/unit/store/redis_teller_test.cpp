#include "curlew/store/redis_teller.hpp"

#include <gtest/gtest.h>

#include "curlew/store/redis_backoff.hpp"

namespace curlew {
namespace {

using namespace std::chrono_literals;

BatchStatus at(std::uint32_t done, const std::string& id = "a") {
  BatchStatus status;
  status.id = id;
  status.total = 10;
  status.done = done;
  return status;
}

NewResults own(std::uint32_t first, std::uint32_t last) {
  NewResults news{.status = at(last), .results = {}};
  for (std::uint32_t i = first; i <= last; ++i) news.results.push_back({.sequence = i, .result = {}});
  return news;
}

TEST(ToldBatches, OwnResultsAreAlwaysTold) {
  ToldBatches told;
  EXPECT_EQ(told.own(own(1, 2)).status.done, 2U);
  ASSERT_TRUE(told.others(at(7)));
  const NewResults late = told.own(own(3, 4));  // others were quicker to tell of what came after
  EXPECT_EQ(late.results.size(), 2U);
  EXPECT_EQ(late.status.done, 7U);
}

TEST(ToldBatches, OfOthersOnlyWhatIsNewIsTold) {
  ToldBatches told;
  EXPECT_FALSE(told.others(at(0)));
  const auto first = told.others(at(3));
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->results.empty());
  EXPECT_EQ(first->status.done, 3U);
  EXPECT_FALSE(told.others(at(3)));
  EXPECT_FALSE(told.others(at(2)));
  EXPECT_TRUE(told.others(at(4)));
  EXPECT_TRUE(told.others(at(1, "b")));
}

TEST(ToldBatches, AnEndIsToldOnce) {
  ToldBatches told;
  EXPECT_TRUE(told.others(at(10)));
  EXPECT_FALSE(told.others(at(10)));
  told.own(own(1, 10));
  EXPECT_FALSE(told.others(at(10)));
  EXPECT_TRUE(told.open().empty());
}

TEST(ToldBatches, WhoHasSeenABatchIsToldOfAllThatComes) {
  ToldBatches told;
  told.seen(at(3));
  EXPECT_EQ(told.open(), std::vector<std::string>{"a"});
  EXPECT_TRUE(told.others(at(3)));  // listeners were not told of it
  told.seen(at(5));
  EXPECT_TRUE(told.others(at(5)));
  told.seen(at(10, "b"));
  EXPECT_EQ(told.open(), std::vector<std::string>{"a"});
  told.forget("a");
  EXPECT_TRUE(told.open().empty());
}

TEST(ToldBatches, RemembersOnlyTheLastThatHaveEnded) {
  ToldBatches told;
  for (std::size_t i = 0; i <= ToldBatches::kEndedRemembered; ++i) {
    EXPECT_TRUE(told.others(at(10, std::to_string(i))));
  }
  EXPECT_FALSE(told.others(at(10, "1")));
  EXPECT_TRUE(told.others(at(10, "0")));
}

TEST(RedisTeller, TellsNothingWhereNobodyListens) {
  RedisTeller teller;
  EXPECT_FALSE(teller.is_heard());
  teller.tell_own({own(1, 2)});
  std::vector<std::uint32_t> heard;
  teller.set([&](const NewResults& news) { heard.push_back(news.status.done); });
  EXPECT_TRUE(teller.is_heard());
  teller.tell_own({own(3, 4)});
  teller.tell_others({"a", "b"}, {at(6), std::nullopt});
  EXPECT_EQ(heard, (std::vector<std::uint32_t>{4, 6}));
}

TEST(RedisTeller, AListenerThatBringsMoreNewsIsToldOfThemNext) {
  RedisTeller teller;
  std::vector<std::uint32_t> heard;
  bool is_inside = false;
  teller.set([&](const NewResults& news) {
    EXPECT_FALSE(is_inside);
    is_inside = true;
    heard.push_back(news.status.done);
    if (news.status.done < 3) teller.tell_own({own(news.status.done + 1, news.status.done + 1)});
    is_inside = false;
  });
  teller.tell_own({own(1, 1)});
  EXPECT_EQ(heard, (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST(RedisBackoff, WaitsLongerEachTimeUntilItIsReset) {
  RedisBackoff backoff;
  EXPECT_EQ(backoff.next(1), 50ms);
  EXPECT_EQ(backoff.next(0), 50ms);
  EXPECT_EQ(backoff.next(1), 200ms);
  for (int i = 0; i < 10; ++i) backoff.next(1);
  EXPECT_EQ(backoff.next(1), 1000ms);
  EXPECT_EQ(backoff.next(0), 500ms);
  backoff.reset();
  EXPECT_EQ(backoff.next(1), 50ms);
}

}  // namespace
}  // namespace curlew
