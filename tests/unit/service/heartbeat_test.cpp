#include "curlew/service/heartbeat.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <stdexcept>

#include "unit/service/service_fakes.hpp"

namespace curlew {
namespace {

using fakes::FakeReply;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr const char* kComment = ": still here\n\n";

TEST(Heartbeat, EveryStreamGetsAComment) {
  const auto first = std::make_shared<FakeReply>();
  const auto second = std::make_shared<FakeReply>();
  for (const auto& stream : {first, second}) stream->begin_stream(200, {});
  Heartbeat heartbeat(
      milliseconds(1), [] {}, hours(1));
  heartbeat.keep_alive(first);
  heartbeat.keep_alive(second);
  first->wait_for_text(std::string(kComment) + kComment);
  second->wait_for_text(kComment);
}

TEST(Heartbeat, HoldsNoStreamAndPassesThoseThatHaveGone) {
  auto gone = std::make_shared<FakeReply>();
  const auto there = std::make_shared<FakeReply>();
  const auto ended = std::make_shared<FakeReply>();
  ended->end();
  const std::weak_ptr<FakeReply> weak = gone;
  Heartbeat heartbeat(
      milliseconds(1), [] {}, hours(1));
  heartbeat.keep_alive(gone);
  heartbeat.keep_alive(ended);
  heartbeat.keep_alive(there);
  gone.reset();
  there->wait_for_text(std::string(kComment) + kComment + kComment);
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(ended->text(), "");
}

TEST(Heartbeat, KeepsHouseAgainAfterHousekeepingThatThrows) {
  std::counting_semaphore<> kept(0);
  testing::internal::CaptureStderr();
  {
    Heartbeat heartbeat(
        hours(1),
        [&] {
          kept.release();
          throw std::runtime_error("a bug of housekeeping");
        },
        milliseconds(1));
    for (int i = 0; i < 3; ++i) kept.acquire();
  }
  EXPECT_NE(testing::internal::GetCapturedStderr().find("a bug of housekeeping"), std::string::npos);
}

TEST(Heartbeat, EndsAtOnceHoweverLongItsPauses) {
  std::atomic<int> kept = 0;
  const TimePoint began = now();
  {
    const Heartbeat heartbeat(
        hours(1), [&] { ++kept; }, hours(1));
  }
  EXPECT_LT(now() - began, std::chrono::minutes(1));
  EXPECT_EQ(kept, 0);
}

}  // namespace
}  // namespace curlew
