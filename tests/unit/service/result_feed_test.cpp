#include "curlew/service/result_feed.hpp"

#include <gtest/gtest.h>

#include <semaphore>
#include <stdexcept>
#include <thread>

#include "unit/service/feed_collector.hpp"
#include "unit/service/service_fakes.hpp"

namespace curlew {
namespace {

using fakes::Collector;
using fakes::complete;
using fakes::create;
using fakes::from_to;

class ResultFeedTest : public testing::Test {
 protected:
  ResultFeedTest() {
    store_->set_on_results([this](const NewResults& fresh) { news_.tell(fresh.status); });
  }
  ~ResultFeedTest() override { store_->set_on_results({}); }

  std::shared_ptr<ResultFeed> feed(const std::string& batch, Collector& to, std::uint32_t after = 0) {
    return ResultFeed::make(*store_, news_, batch, after, to.taker());
  }
  void complete_all(const std::string& batch, std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t i = first; i <= last; ++i) complete(*store_, batch, i);
  }
  /// Waits until the thread of the news has let go of what it was telling.
  void settle_news() {
    std::binary_semaphore told(0);
    BatchStatus status;
    status.id = "the last of the queue";
    const auto last = news_.listen(status.id, [&](const BatchStatus&) { told.release(); });
    news_.tell(status);
    told.acquire();
  }
  void wait_until_told() { news_.wait_until_nobody_listens(now() + std::chrono::hours(1)); }

  const std::unique_ptr<JobStore> store_ = make_memory_store(StoreLimits{});
  BatchNews news_;
};

TEST_F(ResultFeedTest, HandsOverWhatIsThereBeforeStartReturns) {
  const auto batch = create(*store_, 250);
  complete_all(batch, 0, 249);
  Collector all;
  feed(batch, all)->start();
  EXPECT_EQ(all.sequences(), from_to(1, 250)) << "of three pages";
  EXPECT_EQ(all.last_words(), "ended");
  EXPECT_EQ(news_.listeners(), 0U);
}

TEST_F(ResultFeedTest, HandsOverWhatComesLaterAndEndsOnce) {
  const auto batch = create(*store_, 3);
  Collector all;
  feed(batch, all)->start();
  complete_all(batch, 0, 1);
  all.wait_for(2);
  EXPECT_EQ(all.last_words(), "");
  complete_all(batch, 2, 2);
  EXPECT_EQ(all.end(), "ended");
  wait_until_told();
  EXPECT_EQ(all.sequences(), from_to(1, 3));
  EXPECT_EQ(all.last_words(), "ended");
}

TEST_F(ResultFeedTest, BeginsAfterThePlaceThatItIsGiven) {
  const auto batch = create(*store_, 5);
  complete_all(batch, 0, 4);
  for (const std::uint32_t after : {0U, 2U, 5U, 99U}) {
    Collector rest;
    feed(batch, rest, after)->start();
    EXPECT_EQ(rest.sequences(), after < 5 ? from_to(after + 1, 5) : std::vector<std::uint32_t>{}) << after;
    EXPECT_EQ(rest.last_words(), "ended") << after;
  }
}

TEST_F(ResultFeedTest, ACancelledBatchEndsToo) {
  const auto batch = create(*store_, 3);
  Collector all;
  feed(batch, all)->start();
  ASSERT_TRUE(store_->cancel(batch));
  EXPECT_EQ(all.end(), "ended");
  EXPECT_EQ(all.sequences(), from_to(1, 3));
}

TEST_F(ResultFeedTest, WaitsWhereTheTakerIsFullAndGoesOnWithoutGapOrDouble) {
  const auto batch = create(*store_, 6);
  Collector slow([](const KeptResult& kept) { return kept.sequence % 2 != 0; });
  const auto paused = feed(batch, slow);
  paused->start();
  complete_all(batch, 0, 5);
  slow.wait_for(2);
  paused->resume();
  slow.wait_for(4);
  EXPECT_EQ(slow.sequences(), from_to(1, 4));
  EXPECT_EQ(slow.last_words(), "") << "it has not taken the last";
  paused->resume();
  slow.wait_for(6);
  paused->resume();
  EXPECT_EQ(slow.end(), "ended");
  EXPECT_EQ(slow.sequences(), from_to(1, 6));
}

TEST_F(ResultFeedTest, RoomThatComesBeforeTheTakerReturnsIsSeen) {
  const auto batch = create(*store_, 4);
  complete_all(batch, 0, 3);
  std::shared_ptr<ResultFeed> fed;
  Collector all([&](const KeptResult& /*kept*/) {
    fed->resume();  // on whatever thread: what was written has been read already
    return false;
  });
  fed = feed(batch, all);
  fed->start();
  EXPECT_EQ(all.sequences(), from_to(1, 4));
  EXPECT_EQ(all.last_words(), "ended");
}

TEST_F(ResultFeedTest, CallsNobodyOnceStopped) {
  const auto batch = create(*store_, 3);
  Collector all;
  const auto fed = feed(batch, all);
  fed->start();
  complete_all(batch, 0, 0);
  all.wait_for(1);
  fed->stop();
  EXPECT_EQ(news_.listeners(), 0U);
  complete_all(batch, 1, 2);
  fed->resume();
  EXPECT_EQ(all.sequences(), from_to(1, 1));
  EXPECT_EQ(all.last_words(), "");
}

TEST_F(ResultFeedTest, StoppedInTheMiddleOfAPageItSaysNoMore) {
  const auto batch = create(*store_, 50);
  complete_all(batch, 0, 49);
  std::shared_ptr<ResultFeed> fed;
  Collector some([&](const KeptResult& kept) {
    if (kept.sequence == 7) fed->stop();
    return true;
  });
  fed = feed(batch, some);
  fed->start();
  EXPECT_EQ(some.sequences(), from_to(1, 7));
  EXPECT_EQ(some.last_words(), "");
}

TEST_F(ResultFeedTest, StoppedBeforeItStartsItDoesNothing) {
  const auto batch = create(*store_, 1);
  complete_all(batch, 0, 0);
  Collector none;
  const auto fed = feed(batch, none);
  fed->stop();
  fed->start();
  EXPECT_TRUE(none.sequences().empty());
  EXPECT_EQ(none.last_words(), "");
  EXPECT_EQ(news_.listeners(), 0U);
}

TEST_F(ResultFeedTest, SaysWhatTheStoreSaysAndEnds) {
  Collector none;
  feed("no such batch", none)->start();
  EXPECT_TRUE(none.last_words().starts_with("failed: ")) << none.last_words();
  EXPECT_EQ(news_.listeners(), 0U);
}

TEST_F(ResultFeedTest, ATakerThatThrowsEndsTheFeed) {
  const auto batch = create(*store_, 2);
  complete_all(batch, 0, 0);
  Collector bad([](const KeptResult&) -> bool { throw std::runtime_error("a taker's bug"); });
  testing::internal::CaptureStderr();
  const std::weak_ptr<ResultFeed> weak = [&] {
    const auto fed = feed(batch, bad);
    fed->start();
    return fed;
  }();
  EXPECT_NE(testing::internal::GetCapturedStderr().find("a taker's bug"), std::string::npos);
  EXPECT_TRUE(weak.expired());
  complete_all(batch, 1, 1);
  EXPECT_EQ(bad.sequences(), from_to(1, 1));
}

TEST_F(ResultFeedTest, KeepsItselfWhileItRunsAndIsFreedWithAllThatItsTakerHolds) {
  enum class By { kEnd, kStop, kStopWhilePaused };
  for (const By by : {By::kEnd, By::kStop, By::kStopWhilePaused}) {
    const auto batch = create(*store_, 2);
    Collector all([&](const KeptResult&) { return by != By::kStopWhilePaused; });
    auto reply = std::make_shared<fakes::FakeReply>();
    const std::weak_ptr<fakes::FakeReply> weak_reply = reply;
    ResultFeed::Taker taker = all.taker();
    taker.result = [reply, inner = taker.result](const KeptResult& kept) { return inner(kept); };
    auto fed = ResultFeed::make(*store_, news_, batch, 0, std::move(taker));
    const std::weak_ptr<ResultFeed> weak = fed;
    fed->start();
    fed.reset();
    reply.reset();
    complete_all(batch, 0, 0);
    all.wait_for(1);
    ASSERT_FALSE(weak.expired());
    if (by == By::kEnd) complete_all(batch, 1, 1);
    if (by != By::kEnd) {
      if (const auto there = weak.lock()) there->stop();
    }
    wait_until_told();
    settle_news();
    EXPECT_TRUE(weak.expired());
    EXPECT_TRUE(weak_reply.expired());
  }
}

}  // namespace
}  // namespace curlew
