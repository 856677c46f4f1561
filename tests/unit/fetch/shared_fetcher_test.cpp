#include "curlew/fetch/shared_fetcher.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace curlew {
namespace {

Source source_of(const std::string& url) { return *parse_url(url); }

/// Answers when the test wants it to.
class SlowFetcher : public Fetcher {
 public:
  explicit SlowFetcher(std::vector<Done>& open) : open_(open) {}
  ~SlowFetcher() override { SlowFetcher::cancel_all(); }
  void start(const Source& /*source*/, Done done) override { open_.push_back(std::move(done)); }
  void cancel_all() override {
    for (const Done& done : std::exchange(open_, {})) {
      if (done) done({.body = failure(ErrorCode::kCancelled, "cancelled"), .started_at = {}, .ended_at = {}});
    }
  }

 private:
  std::vector<Done>& open_;
};

class SharedFetcherTest : public testing::Test {
 protected:
  void start(const std::string& url) {
    fetcher_->start(source_of(url), [this](FetchOutcome outcome) { ended_.push_back(std::move(outcome)); });
  }
  void answer(std::size_t which, std::size_t bytes) {
    const auto body = std::make_shared<FetchedBytes>();
    body->bytes.resize(bytes);
    const Fetcher::Done done = std::exchange(open_[which], nullptr);
    done({.body = body, .started_at = began_, .ended_at = now()});
  }

  const TimePoint began_ = now();
  std::vector<Fetcher::Done> open_;
  std::vector<FetchOutcome> ended_;
  std::unique_ptr<SharedFetcher> fetcher_ = std::make_unique<SharedFetcher>(std::make_unique<SlowFetcher>(open_));
};

TEST_F(SharedFetcherTest, WhatIsOnItsWayIsNotFetchedAgain) {
  start("http://bird.test/a?b#first");
  start("http://BIRD.test:80/a?b#second");
  start("http://bird.test/a?c");
  ASSERT_EQ(open_.size(), 2U);
  EXPECT_EQ(fetcher_->joined(), 1U);
  answer(0, 5);
  ASSERT_EQ(ended_.size(), 2U);
  EXPECT_EQ(ended_[0].bytes().size(), 5U);
  EXPECT_EQ(ended_[0].body->get(), ended_[1].body->get()) << "one copy in memory";
}

TEST_F(SharedFetcherTest, WhatHasComeIsFetchedAnew) {
  start("http://bird.test/a");
  answer(0, 1);
  start("http://bird.test/a");
  ASSERT_EQ(open_.size(), 2U);
  answer(1, 2);
  EXPECT_EQ(ended_.at(1).bytes().size(), 2U);
  EXPECT_EQ(fetcher_->joined(), 0U);
}

TEST_F(SharedFetcherTest, WhoCameLaterDidNotWaitLonger) {
  start("http://bird.test/a");
  const TimePoint later = now();
  start("http://bird.test/a");
  answer(0, 1);
  ASSERT_EQ(ended_.size(), 2U);
  EXPECT_GE(ended_[1].started_at, later);
  EXPECT_GE(ended_[1].ended_at, ended_[1].started_at);
}

TEST_F(SharedFetcherTest, EachHearsOfAnErrorAndOfTheEnd) {
  for (int i = 0; i < 3; ++i) start("http://bird.test/a");
  start("http://bird.test/b");
  fetcher_.reset();
  ASSERT_EQ(ended_.size(), 4U);
  for (const FetchOutcome& outcome : ended_) EXPECT_EQ(outcome.body.error().code, ErrorCode::kCancelled);
}

TEST_F(SharedFetcherTest, ADoneMayStartTheSameAgain) {
  fetcher_->start(source_of("http://bird.test/a"),
                  [this](const FetchOutcome& /*outcome*/) { start("http://bird.test/a"); });
  answer(0, 1);
  ASSERT_EQ(open_.size(), 2U);
  answer(1, 1);
  EXPECT_EQ(ended_.size(), 1U);
}

}  // namespace
}  // namespace curlew
