#include "curlew/service/announcer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "curlew/store/memory_store.hpp"
#include "curlew/wire/result_message.hpp"
#include "unit/service/service_fakes.hpp"

namespace curlew {
namespace {

using namespace std::chrono_literals;
using fakes::complete;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// What subscribers would hear.
class Recorder {
 public:
  void publish(const Frames& message) {
    const std::scoped_lock lock(mutex_);
    messages_.push_back(message);
    changed_.notify_all();
  }
  /// Waits for the first `count` messages: "batch's last letter … sequence/total of index", as far as a test looks.
  std::vector<std::string> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return messages_.size() >= count; });
    return texts();
  }
  std::vector<std::string> so_far() {
    const std::scoped_lock lock(mutex_);
    return texts();
  }

 private:
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const Frames& message : messages_) {
      const auto read = read_result(message);
      out.push_back(read ? read->result.url + " " + std::to_string(read->sequence) + "/" + std::to_string(read->total)
                         : std::string(topic_of(message)));
    }
    return out;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Frames> messages_;
};

class AnnouncerTest : public ::testing::Test {
 protected:
  explicit AnnouncerTest(Duration join = 1h)
      : announcer_({.backend = backend_,
                    .errands = errands_,
                    .publish = [this](const Frames& message) { heard_.publish(message); },
                    .wake = [this] { ++woken_; },
                    .join = join}) {
    backend_.set_on_kept([this](const NewResults& fresh) { announcer_.hear(fresh); });
  }
  ~AnnouncerTest() override {
    backend_.set_on_kept({});
    errands_.finish();
    announcer_.close();
  }

  BatchStatus created(std::size_t count, const std::string& publisher) {
    NewBatch batch = fakes::batch_of(count);
    batch.options.publisher = publisher;
    return kept_->create(std::move(batch)).value().status;
  }
  BatchStatus mine(std::size_t count) { return created(count, announcer_.name()); }

  /// What `due` sends, by topic.
  std::vector<std::string> due() {
    std::vector<std::string> topics;
    next_ = announcer_.due([&](const Frames& message) { topics.emplace_back(topic_of(message)); });
    return topics;
  }
  std::vector<std::string> subscribe(const std::string& topic) {
    std::vector<std::string> topics;
    announcer_.subscribed(topic, [&](const Frames& message) { topics.emplace_back(topic_of(message)); });
    return topics;
  }
  /// Does what errands wait to do, so that what has not been published by then will not be.
  void finish_errands() { errands_.finish(); }

  const std::unique_ptr<JobStore> kept_ = make_memory_store({});
  const std::unique_ptr<JobStore> direct_ = make_memory_store({});
  Backend backend_{*kept_, *direct_};
  Errands errands_{1, 100};
  Recorder heard_;
  std::atomic<int> woken_ = 0;
  Announcer announcer_;
  TimePoint next_{};
};

class PromptAnnouncerTest : public AnnouncerTest {
 protected:
  PromptAnnouncerTest() : AnnouncerTest(0ms) {}
};

TEST_F(AnnouncerTest, PublishesEachResultOnceInTheOrderOfItsSequence) {
  const BatchStatus batch = mine(3);
  announcer_.add(batch, true);
  complete(*kept_, batch.id, 2);
  complete(*kept_, batch.id, 0);
  complete(*kept_, batch.id, 1);
  EXPECT_THAT(heard_.first(3),
              ElementsAre("http://a.example/2 1/3", "http://a.example/0 2/3", "http://a.example/1 3/3"));
}

TEST_F(AnnouncerTest, HoldsAClientsFirstResultsUntilItHasSubscribed) {
  const BatchStatus batch = mine(1);
  announcer_.add(batch, false);
  EXPECT_GT(woken_, 0);
  complete(*kept_, batch.id, 0);
  due();
  subscribe("other topics");
  EXPECT_THAT(heard_.so_far(), IsEmpty());
  subscribe("res");  // to all that begins so
  EXPECT_THAT(heard_.first(1), ElementsAre("http://a.example/0 1/1"));
}

TEST_F(AnnouncerTest, WaitsForAsManyNewSubscriptionsAsBatchesWait) {
  subscribe("results");  // before anybody asked
  const BatchStatus first = mine(1);
  const BatchStatus second = mine(2);
  announcer_.add(first, false);
  announcer_.add(second, false);
  complete(*kept_, first.id, 0);
  complete(*kept_, second.id, 1);
  subscribe("results");
  errands_.finish();
  EXPECT_THAT(heard_.so_far(), IsEmpty());
}

TEST_F(AnnouncerTest, LetsAllGoThatWaitOnceEachMayHaveSubscribed) {
  const BatchStatus first = mine(1);
  const BatchStatus second = mine(2);
  announcer_.add(first, false);
  announcer_.add(second, false);
  complete(*kept_, first.id, 0);
  complete(*kept_, second.id, 1);
  subscribe("results");
  subscribe("results");
  EXPECT_THAT(heard_.first(2), UnorderedElementsAre("http://a.example/0 1/1", "http://a.example/1 1/2"));
}

TEST_F(PromptAnnouncerTest, WaitsLongerWhereNobodyHasSubscribedAtAll) {
  const BatchStatus batch = mine(1);
  announcer_.add(batch, false);
  complete(*kept_, batch.id, 0);
  due();
  finish_errands();
  EXPECT_THAT(heard_.so_far(), IsEmpty());
}

TEST_F(PromptAnnouncerTest, WaitsForAsLongAsJoinSaysWhereSomebodyListens) {
  subscribe("");
  const BatchStatus batch = mine(1);
  announcer_.add(batch, false);
  complete(*kept_, batch.id, 0);
  due();
  EXPECT_THAT(heard_.first(1), ElementsAre("http://a.example/0 1/1"));
}

TEST_F(PromptAnnouncerTest, WhoHasGoneListensNoMore) {
  subscribe("results");
  subscribe("results");  // by the same: the publisher tells once that nobody has it any more
  announcer_.unsubscribed("results");
  const BatchStatus batch = mine(1);
  announcer_.add(batch, false);
  complete(*kept_, batch.id, 0);
  due();
  finish_errands();
  EXPECT_THAT(heard_.so_far(), IsEmpty());
}

TEST_F(AnnouncerTest, GoesOnWithBatchesOfAnEarlierRun) {
  const BatchStatus batch = created(2, "an earlier run");
  complete(*kept_, batch.id, 0);
  complete(*kept_, batch.id, 1);
  EXPECT_THAT(heard_.first(2), ElementsAre("http://a.example/0 1/2", "http://a.example/1 2/2"));
}

TEST_F(AnnouncerTest, WhatAnEarlierRunHasPublishedIsNotPublishedAgain) {
  const BatchStatus batch = created(2, "an earlier run");
  backend_.set_on_kept({});  // as it was told before this run began
  complete(*kept_, batch.id, 0);
  backend_.set_on_kept([this](const NewResults& fresh) { announcer_.hear(fresh); });
  complete(*kept_, batch.id, 1);
  EXPECT_THAT(heard_.first(1), ElementsAre("http://a.example/1 2/2"));
}

TEST_F(AnnouncerTest, BatchesThatCameByHttpAreNobodyElsesBusiness) {
  const BatchStatus batch = created(1, "");
  complete(*kept_, batch.id, 0);
  finish_errands();
  EXPECT_THAT(heard_.so_far(), IsEmpty());
}

TEST_F(AnnouncerTest, BeatsOnceASecondFromTheStartOn) {
  const TimePoint before = now();
  EXPECT_THAT(due(), ElementsAre("HEARTBEAT"));
  EXPECT_GE(next_ - before, 1s);
  EXPECT_THAT(due(), IsEmpty());
}

TEST_F(AnnouncerTest, WelcomesWhoAsksForIt) {
  const std::string topic = new_welcome_topic();
  EXPECT_THAT(subscribe(topic), ElementsAre(topic));
  EXPECT_THAT(subscribe("welcome/"), IsEmpty());
  EXPECT_THAT(subscribe("results"), IsEmpty());
}

TEST_F(AnnouncerTest, AFlushPublishesWhatWasHeldAndReturnsWhenAllIsOut) {
  const BatchStatus held = mine(2);
  const BatchStatus running = mine(2);
  announcer_.add(held, false);
  announcer_.add(running, true);
  complete(*kept_, held.id, 0);
  complete(*kept_, running.id, 1);
  announcer_.flush(now() + 1h);
  EXPECT_THAT(heard_.so_far(), UnorderedElementsAre("http://a.example/0 1/2", "http://a.example/1 1/2"));
}

TEST_F(AnnouncerTest, PublishesNothingOnceClosed) {
  const BatchStatus batch = mine(2);
  announcer_.add(batch, true);
  complete(*kept_, batch.id, 0);
  heard_.first(1);
  announcer_.close();
  complete(*kept_, batch.id, 1);
  finish_errands();
  EXPECT_THAT(heard_.so_far(), ElementsAre("http://a.example/0 1/2"));
}

}  // namespace
}  // namespace curlew
