#include "curlew/fetch/wake_signal.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <stop_token>
#include <thread>

namespace curlew {
namespace {

bool readable(const WakeSignal& signal, int wait_ms = 0) {
  pollfd socket{.fd = signal.fd(), .events = POLLIN, .revents = 0};
  return poll(&socket, 1, wait_ms) == 1;
}

TEST(WakeSignal, CostsNothingWhereNobodyWaitsAndEndsTheNextWait) {
  WakeSignal signal;
  signal.wake();
  signal.wake();
  EXPECT_FALSE(readable(signal));
  EXPECT_FALSE(signal.may_wait());
  signal.waited(false);
  EXPECT_TRUE(signal.may_wait());
}

TEST(WakeSignal, EndsAWaitUnderWayAndIsQuietAfterwards) {
  WakeSignal signal;
  ASSERT_TRUE(signal.may_wait());
  signal.wake();
  EXPECT_TRUE(readable(signal));
  signal.waited(true);
  EXPECT_FALSE(readable(signal));
  ASSERT_TRUE(signal.may_wait());
  EXPECT_FALSE(readable(signal));
}

TEST(WakeSignal, WhatIsWrittenLateEndsTheNextWait) {
  WakeSignal signal;
  ASSERT_TRUE(signal.may_wait());
  signal.wake();
  signal.waited(false);  // as where another socket ended the wait before the signal was seen
  ASSERT_TRUE(signal.may_wait());
  EXPECT_TRUE(readable(signal));
  signal.waited(true);
  EXPECT_FALSE(readable(signal));
}

TEST(WakeSignal, LosesNoNewsBetweenThreads) {
  constexpr int kNews = 20'000;
  constexpr int kTooLong = 30'000;
  WakeSignal signal;
  std::atomic<int> told = 0;
  std::atomic<int> heard = 0;
  const std::jthread teller([&](const std::stop_token& stop) {
    for (int i = 0; i < kNews && !stop.stop_requested(); ++i) {
      told = i + 1;
      signal.wake();
      while (i % 16 == 0 && heard < i && !stop.stop_requested()) std::this_thread::yield();
    }
  });
  while (heard < kNews) {
    const bool may_wait = signal.may_wait();
    const bool ready = readable(signal, may_wait ? kTooLong : 0);
    signal.waited(ready);
    ASSERT_TRUE(ready || !may_wait) << "the wait ended by its time limit";
    heard = told.load();
  }
}

}  // namespace
}  // namespace curlew
