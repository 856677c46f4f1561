// Room for bytes, cancelling and ending.
#include <atomic>
#include <string>
#include <vector>

#include "contract/fetcher_fixture.hpp"

namespace curlew::testing_origin {
namespace {

using namespace std::chrono_literals;

class FetcherBudget : public FetcherTest {
 protected:
  /// A fetch whose bytes stay reserved until they are let go.
  std::future<FetchOutcome> begin_and_keep(const std::string& url) {
    auto promise = std::make_shared<std::promise<FetchOutcome>>();
    auto future = promise->get_future();
    fetcher().start(*parse_url(url), [promise](FetchOutcome outcome) { promise->set_value(std::move(outcome)); });
    return future;
  }
};

TEST_F(FetcherBudget, HoldsATransferBackUntilThereIsRoom) {
  auto taken = budget_.try_reserve(64 * kMiB - 1000);
  const std::string body(300000, 'b');
  ScriptedOrigin origin([&](Request& request) { request.answer(200, body); });
  auto held_back = begin(origin.url("/large"));
  auto small = begin(origin.url("/none"));
  EXPECT_EQ(held_back.wait_for(200ms), std::future_status::timeout);
  taken.reset();
  EXPECT_EQ(end(held_back).body, body);
  EXPECT_TRUE(end(small).ok);
  EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(FetcherBudget, GivesRoomInTheOrderOfAsking) {
  auto taken = budget_.try_reserve(64 * kMiB - 1000);
  Gate first_asked;
  ScriptedOrigin origin([&](Request& request) {
    const bool is_large = request.target() == "/large";
    request.answer(200, std::string(is_large ? 300000 : 10, 'b'));
    if (is_large) first_asked.open();
  });
  auto large = begin(origin.url("/large"));
  first_asked.wait();
  // The large one's head is read before another fetch, on the same thread, comes to its own; the small one would fit.
  EXPECT_EQ(large.wait_for(100ms), std::future_status::timeout);
  auto small = begin(origin.url("/small"));
  EXPECT_EQ(small.wait_for(200ms), std::future_status::timeout);
  taken.reset();
  EXPECT_TRUE(end(large).ok);
  EXPECT_TRUE(end(small).ok);
}

TEST_F(FetcherBudget, MorePicturesThanRoomAllArriveInTheEnd) {
  options_.limits.picture_bytes = 1 * kMiB;
  ScriptedOrigin origin([](Request& request) {
    if (request.target() == "/unknown") {
      request.send("HTTP/1.1 200 OK\r\n\r\n" + std::string(200000, 'u'));
      return request.close();
    }
    request.answer(200, std::string(900000, 'b'));
  });
  auto taken = budget_.try_reserve(63 * kMiB);  // leaves room for one at a time
  std::vector<std::future<Seen>> fetches;
  for (int i = 0; i < 30; ++i) fetches.push_back(begin(origin.url(i % 3 == 0 ? "/unknown" : "/")));
  for (auto& one : fetches) {
    const Seen seen = end(one);
    EXPECT_TRUE(seen.ok) << seen.error.message;
  }
}

TEST_F(FetcherBudget, TheReservationGoesWithTheBytesAndHasTheirSize) {
  ScriptedOrigin origin([](Request& request) {
    request.send("HTTP/1.1 200 OK\r\n\r\nunknown");
    request.close();
  });
  auto future = begin_and_keep(origin.url("/"));
  FetchOutcome outcome = future.get();
  ASSERT_TRUE(outcome.body);
  EXPECT_EQ(budget_.used(), 7U);
  fetcher_.reset();
  outcome.body->reset();
  EXPECT_EQ(budget_.used(), 0U) << "they may outlive the fetcher";
}

TEST_F(FetcherBudget, WaitingForRoomIsNoFaultOfTheOriginsAndCountsTowardNoLimit) {
  options_.limits.total = 300ms;
  auto taken = budget_.try_reserve(64 * kMiB);
  ScriptedOrigin origin([](Request& request) { request.answer(200, "body"); });
  auto waiting = begin(origin.url("/"));
  EXPECT_EQ(waiting.wait_for(600ms), std::future_status::timeout);
  taken.reset();
  EXPECT_EQ(end(waiting).body, "body");
}

TEST_F(FetcherBudget, TheTotalGoesOnWhereRoomHasCome) {
  options_.limits.total = 300ms;
  auto taken = budget_.try_reserve(64 * kMiB);
  ScriptedOrigin origin([](Request& request) {
    request.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbody");
    request.wait_for_close();
  });
  auto waiting = begin(origin.url("/"));
  EXPECT_EQ(waiting.wait_for(100ms), std::future_status::timeout);
  taken.reset();
  EXPECT_EQ(end(waiting).error.code, ErrorCode::kTimeout);
}

TEST_F(FetcherBudget, AnEmptyPictureWaitsForNoRoom) {
  const auto taken = budget_.try_reserve(64 * kMiB);
  ScriptedOrigin origin([](Request& request) {
    request.send("HTTP/1.1 200 OK\r\n\r\n");
    request.close();
  });
  EXPECT_TRUE(fetch(origin.url("/")).ok);
}

TEST_F(FetcherBudget, CancelEndsEveryKindOfWait) {
  const auto taken = budget_.try_reserve(64 * kMiB);
  names_->set_silent("silent.test");
  Gate silent_asked;
  Gate pausing;
  ScriptedOrigin origin([&](Request& request) {
    if (request.target() == "/no-room") return request.answer(200, "body");
    if (request.target() == "/retry") {
      request.answer(503, "", "Retry-After: 20\r\n");
      return pausing.open();
    }
    silent_asked.open();
    request.wait_for_close();
  });
  std::vector<std::future<Seen>> fetches;
  fetches.push_back(begin("http://silent.test/"));
  fetches.push_back(begin(origin.url("/no-room")));
  fetches.push_back(begin(origin.url("/retry")));
  fetches.push_back(begin(origin.url("/silent")));
  silent_asked.wait();
  pausing.wait();
  fetcher().cancel_all();
  for (auto& one : fetches) EXPECT_EQ(end(one).error.code, ErrorCode::kCancelled);
  EXPECT_EQ(fetch(origin.url("/later")).error.code, ErrorCode::kCancelled);
}

TEST_F(FetcherBudget, EachStartIsAnsweredOnceThoughTheFetcherGoesInTheMiddle) {
  Gate reached;
  std::atomic<int> open = 0;
  ScriptedOrigin origin([&](Request& request) {
    if (request.target() == "/fast") return request.answer(200, "body");
    if (++open == 6) reached.open();
    request.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    request.wait_for_close();
  });
  constexpr int kStarts = 50;
  std::vector<std::atomic<int>> answers(kStarts);
  for (int i = 0; i < kStarts; ++i) {
    auto& count = answers[static_cast<std::size_t>(i)];
    fetcher().start(*parse_url(origin.url(i < 10 ? "/fast" : "/slow")), [&count](const FetchOutcome&) { ++count; });
  }
  reached.wait();
  const TimePoint before = now();
  fetcher_.reset();
  EXPECT_LT(to_ms(now() - before), 5000);
  for (const auto& count : answers) EXPECT_EQ(count, 1);
  EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(FetcherBudget, ManyThreadsMayStartAndCancel) {
  ScriptedOrigin origin([](Request& request) { request.answer(200, "body"); });
  std::atomic<int> answered = 0;
  fetcher();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i)
          fetcher_->start(*parse_url(origin.url("/")), [&](const FetchOutcome&) { ++answered; });
      });
    }
    threads.emplace_back([&] { fetcher_->cancel_all(); });
  }
  fetcher_.reset();
  EXPECT_EQ(answered, 100);
}

}  // namespace
}  // namespace curlew::testing_origin
