#include "curlew/service/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "curlew/store/memory_store.hpp"
#include "unit/service/service_fakes.hpp"

namespace curlew {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A reply that a test waits for.
class Waiting {
 public:
  Commands::Reply reply() {
    return [this](Frames frames) {
      const std::scoped_lock lock(mutex_);
      replies_.push_back(std::move(frames));
      changed_.notify_all();
    };
  }
  Frames wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !replies_.empty(); });
    return replies_.front();
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex_);
    return replies_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Frames> replies_;
};

class CommandsTest : public ::testing::Test {
 protected:
  CommandsTest() { state_.become_ready(); }
  ~CommandsTest() override {
    errands_.finish();
    announcer_.close();
  }

  Frames ask(const Call& call) { return ask(write_request(call, id_, calendar_now_ms())); }
  Frames ask(Frames request) {
    Waiting waiting;
    commands_.handle(std::move(request), waiting.reply());
    return waiting.wait();
  }
  Result<PredictAnswer, ReplyError> predict(const PredictCall& call) { return read_predict_reply(ask(call), id_); }
  std::string refusal(const PredictCall& call) {
    const auto answer = predict(call);
    return answer ? "taken" : answer.error().message;
  }
  BatchOptions options_of(const std::string& batch) { return kept_->status(batch).value().options; }

  const MessageId id_ = new_message_id();
  const std::unique_ptr<JobStore> kept_ = make_memory_store({.queue_items = 10});
  const std::unique_ptr<JobStore> direct_ = make_memory_store({});
  Backend backend_{*kept_, *direct_};
  Errands errands_{1, 100};
  fakes::FakeBoard board_;
  ServiceState state_;
  Announcer announcer_{{.backend = backend_, .errands = errands_, .publish = [](const Frames&) {}, .wake = [] {}}};
  int taken_ = 0;
  int turned_away_ = 0;
  int quit_ = -1;
  Commands commands_{{.backend = backend_,
                      .board = board_,
                      .state = state_,
                      .announcer = announcer_,
                      .errands = errands_,
                      .rules = {.max_items = 100, .allow_quit = true},
                      .taken = [this] { ++taken_; },
                      .turned_away = [this] { ++turned_away_; },
                      .quit = [this](int status) { quit_ = status; }}};
};

TEST_F(CommandsTest, APredictIsABatchOfTheStore) {
  const auto answer = predict({.urls = {"http://a.example/1", "no url"}, .threshold = 0.25F});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->images, 2U);
  const auto status = kept_->status(answer->batch).value();
  EXPECT_EQ(status.total, 2U);
  EXPECT_EQ(status.options.task, Task::kDetect);
  EXPECT_EQ(status.options.model, "coco");
  EXPECT_EQ(status.options.threshold, 0.25F);
  EXPECT_EQ(status.options.publisher, announcer_.name());
  EXPECT_EQ(taken_, 1);
}

TEST_F(CommandsTest, AModelOrATaskTellsTheOther) {
  EXPECT_EQ(options_of(predict({.urls = {"x"}, .model = "birds"})->batch).task, Task::kClassify);
  EXPECT_EQ(options_of(predict({.urls = {"x"}, .task = Task::kClassify})->batch).model, "birds");
  EXPECT_THAT(refusal({.urls = {"x"}, .task = Task::kClassify, .model = "coco"}), HasSubstr("does not classify"));
  EXPECT_THAT(refusal({.urls = {"x"}, .model = "nosuch"}), HasSubstr("no model of this name"));
  EXPECT_EQ(turned_away_, 2);
}

TEST_F(CommandsTest, AnEmptyListIsNoImages) {
  const auto answer = predict({});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->images, 0U);
}

TEST_F(CommandsTest, TakesWorkWhileModelsAreStillLoadedButNotWhileItDrains) {
  ServiceState starting;
  Commands early({.backend = backend_,
                  .board = board_,
                  .state = starting,
                  .announcer = announcer_,
                  .errands = errands_,
                  .rules = {},
                  .task = Task::kClassify});
  Waiting waiting;
  early.handle(write_request(PredictCall{.urls = {"x"}}, id_, calendar_now_ms()), waiting.reply());
  EXPECT_TRUE(read_predict_reply(waiting.wait(), id_));
  state_.begin_drain();
  EXPECT_THAT(refusal({.urls = {"x"}}), HasSubstr("stopping"));
}

TEST_F(CommandsTest, AFullStoreSaysSo) {
  const PredictCall seven{.urls = std::vector<std::string>(7, "http://a.example/")};
  EXPECT_TRUE(predict(seven));
  EXPECT_THAT(refusal(seven), Not("taken"));
  EXPECT_EQ(turned_away_, 1);
}

TEST_F(CommandsTest, ResultsCanBeHadAgain) {
  const auto batch = predict({.urls = {"a", "b", "c"}})->batch;
  for (const std::uint32_t index : {2U, 0U}) fakes::complete(*kept_, batch, index);
  auto page = read_results_reply(ask(ResultsCall{.batch = batch}), id_);
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->results.size(), 2U);
  EXPECT_EQ(page->results[0].result.index, 2U);
  EXPECT_EQ(page->results[1].sequence, 2U);
  EXPECT_EQ(page->total, 3U);
  EXPECT_EQ(page->done, 2U);
  EXPECT_EQ(page->next, std::nullopt);
  page = read_results_reply(ask(ResultsCall{.batch = batch, .after = 0, .limit = 1}), id_);
  EXPECT_EQ(page->next, 1U);
  EXPECT_FALSE(read_results_reply(ask(ResultsCall{.batch = "nosuch"}), id_));
}

TEST_F(CommandsTest, AReplyOfManyBoxesIsCutAndGoesOn) {
  ResultPage page;
  page.status.done = page.status.total = 50;
  for (std::uint32_t i = 1; i <= 50; ++i) {
    Success success;
    success.answer.predictions.resize(1000, {.label = "thing", .score = 0.5F, .box = Box{}});
    KeptResult& kept = page.results.emplace_back();
    kept.sequence = i;
    kept.result.outcome = std::move(success);
  }
  const ResultsAnswer answer = results_answer(std::move(page));
  EXPECT_LT(answer.results.size(), 10U);
  ASSERT_THAT(answer.results, Not(IsEmpty()));
  EXPECT_EQ(answer.next, answer.results.back().sequence);
}

TEST_F(CommandsTest, EchoAnswersWithoutAnErrand) {
  errands_.finish();
  const Frames reply = ask(EchoCall{.arguments = "\x91\x07"});
  ASSERT_EQ(reply.size(), 3U);
  EXPECT_THAT(reply[2], HasSubstr(std::string("response\x91\x07")));
}

TEST_F(CommandsTest, AnswersOnceWhateverComes) {
  for (const Frames& junk : {Frames{}, Frames{""}, Frames{"a", "b", "c"}, Frames{"", std::string(16, 'i'), "\xc1"},
                             Frames{"x", std::string(16, 'i'), std::string(1'000'000, '\x91')}}) {
    Waiting waiting;
    commands_.handle(junk, waiting.reply());
    EXPECT_EQ(waiting.wait().size(), 3U);
    EXPECT_EQ(waiting.count(), 1U);
  }
}

TEST_F(CommandsTest, WhereTooMuchWaitsItSaysSo) {
  errands_.finish();  // takes nothing any more
  EXPECT_THAT(refusal({.urls = {"x"}}), HasSubstr("try again"));
  EXPECT_THAT(ask(Frames{"", std::string(16, 'i'), std::string(100'000, '\x90')})[2], HasSubstr("try again"));
}

TEST_F(CommandsTest, QuitIsAnsweredAndDone) {
  const Frames reply = ask(QuitCall{.exit_code = 7});
  EXPECT_THAT(reply[2], HasSubstr("response\xc0"));
  EXPECT_EQ(quit_, 7);
}

TEST_F(CommandsTest, ModelsAreThoseOfHttp) { EXPECT_THAT(ask(ModelsCall{})[2], HasSubstr("birds")); }

}  // namespace
}  // namespace curlew
