#include "curlew/service/batch_news.hpp"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <semaphore>
#include <stdexcept>

namespace curlew {
namespace {

BatchStatus status_of(const std::string& id, std::uint32_t done = 0) {
  BatchStatus status;
  status.id = id;
  status.done = done;
  return status;
}

/// Waits until the news has told all that it was told before.
void settle(BatchNews& news) {
  std::promise<void> told;
  const auto last = news.listen("the last of the queue", [&](const BatchStatus&) { told.set_value(); });
  news.tell(status_of("the last of the queue"));
  told.get_future().wait();
}

TEST(BatchNews, TellsThoseWhoListenToThatBatch) {
  BatchNews news;
  std::vector<std::string> heard;
  const auto first = news.listen("a", [&](const BatchStatus& status) { heard.push_back("1" + status.id); });
  const auto second = news.listen("a", [&](const BatchStatus& status) { heard.push_back("2" + status.id); });
  const auto other = news.listen("b", [&](const BatchStatus& status) { heard.push_back("3" + status.id); });
  EXPECT_EQ(news.listeners(), 3U);
  news.tell(status_of("a"));
  news.tell(status_of("nobody's"));
  news.tell(status_of("b"));
  settle(news);
  EXPECT_EQ(heard, (std::vector<std::string>{"1a", "2a", "3b"}));
}

TEST(BatchNews, WhoHasGoneIsNotTold) {
  BatchNews news;
  int heard = 0;
  {
    const auto gone = news.listen("a", [&](const BatchStatus&) { ++heard; });
  }
  EXPECT_EQ(news.listeners(), 0U);
  news.tell(status_of("a"));
  settle(news);
  EXPECT_EQ(heard, 0);
}

TEST(BatchNews, ASubscriptionThatMovesStaysOne) {
  BatchNews news;
  int first = 0;
  int second = 0;
  auto kept = news.listen("a", [&](const BatchStatus&) { ++first; });
  BatchNews::Subscription moved(std::move(kept));
  EXPECT_EQ(news.listeners(), 1U);
  auto other = news.listen("b", [&](const BatchStatus&) { ++second; });
  other = std::move(moved);
  EXPECT_EQ(news.listeners(), 1U) << "what it stood for before has gone";
  news.tell(status_of("a"));
  news.tell(status_of("b"));
  settle(news);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0);
  other = BatchNews::Subscription();
  EXPECT_EQ(news.listeners(), 0U);
}

TEST(BatchNews, WhoIsToldMayGoAndMayListen) {
  BatchNews news;
  int heard = 0;
  std::optional<BatchNews::Subscription> second;
  std::optional<BatchNews::Subscription> first = news.listen("a", [&](const BatchStatus&) {
    ++heard;
    second = news.listen("a", [&](const BatchStatus&) { heard += 10; });
    first.reset();
  });
  news.tell(status_of("a"));
  settle(news);
  EXPECT_EQ(heard, 1);
  news.tell(status_of("a"));
  settle(news);
  EXPECT_EQ(heard, 11);
  EXPECT_EQ(news.listeners(), 1U);
}

TEST(BatchNews, WhoBringsNewsDoesNotWaitForASlowListenerAndKeepsOneStatusABatch) {
  BatchNews news;
  std::binary_semaphore inside(0);
  std::binary_semaphore go_on(0);
  std::vector<std::uint32_t> heard;
  const auto slow = news.listen("a", [&](const BatchStatus& status) {
    heard.push_back(status.done);
    if (status.done != 1) return;
    inside.release();
    go_on.acquire();
  });
  news.tell(status_of("a", 1));
  inside.acquire();
  for (std::uint32_t done = 2; done <= 1000; ++done) news.tell(status_of("a", done));
  go_on.release();
  settle(news);
  EXPECT_EQ(heard, (std::vector<std::uint32_t>{1, 1000}));
}

TEST(BatchNews, AListenerThatThrowsHarmsNobody) {
  BatchNews news;
  int heard = 0;
  testing::internal::CaptureStderr();
  const auto bad = news.listen("a", [](const BatchStatus&) { throw std::runtime_error("a listener's bug"); });
  const auto good = news.listen("a", [&](const BatchStatus&) { ++heard; });
  news.tell(status_of("a"));
  settle(news);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("a listener's bug"), std::string::npos);
  EXPECT_EQ(heard, 1);
}

TEST(BatchNews, LetsGoOfThoseWhoHoldThemselves) {
  auto held = std::make_shared<std::optional<BatchNews::Subscription>>();
  const std::weak_ptr<void> weak = held;
  {
    BatchNews news;
    *held = news.listen("a", [held](const BatchStatus&) {});
    held.reset();
    EXPECT_FALSE(weak.expired());
  }
  EXPECT_TRUE(weak.expired());
}

TEST(BatchNews, WaitsUntilNobodyListens) {
  BatchNews news;
  std::optional<BatchNews::Subscription> kept = news.listen("a", [](const BatchStatus&) {});
  news.wait_until_nobody_listens(now());
  EXPECT_EQ(news.listeners(), 1U) << "the time was over";
  auto waits = std::async(std::launch::async, [&] { news.wait_until_nobody_listens(now() + std::chrono::hours(1)); });
  kept.reset();
  waits.wait();
  EXPECT_EQ(news.listeners(), 0U);
}

}  // namespace
}  // namespace curlew
