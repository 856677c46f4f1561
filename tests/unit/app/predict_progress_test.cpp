#include "curlew/app/predict_progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace curlew {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

constexpr TimePoint kStart{std::chrono::hours(1)};
const std::string kBatch = "0190-batch";

std::vector<std::string> urls(std::size_t count) {
  std::vector<std::string> list;
  for (std::size_t i = 0; i < count; ++i) list.push_back("http://a.example/" + std::to_string(i));
  return list;
}

/// A result as Curlew publishes it.
ResultMessage message(std::uint32_t index, std::uint32_t sequence, const std::string& batch = kBatch) {
  ResultMessage made;
  made.result = {.batch = batch,
                 .index = index,
                 .url = "http://a.example/" + std::to_string(index),
                 .outcome = Success{},
                 .timings = {}};
  made.has_index = true;
  made.sequence = sequence;
  return made;
}

/// A result as the Python service publishes it.
ResultMessage bare(const std::string& url) {
  ResultMessage made;
  made.result = {.batch = "", .index = 0, .url = url, .outcome = Success{}, .timings = {}};
  return made;
}

ResultsAnswer answer(std::vector<ResultMessage> results, std::optional<std::uint32_t> next, std::uint32_t done,
                     std::uint32_t total) {
  return {.results = std::move(results), .next = next, .status = "running", .total = total, .done = done};
}

std::optional<std::size_t> place(const std::optional<PlacedResult>& placed) {
  return placed ? std::optional(placed->place) : std::nullopt;
}

std::vector<std::size_t> places(const std::vector<PlacedResult>& placed) {
  std::vector<std::size_t> found;
  for (const auto& one : placed) found.push_back(one.place);
  return found;
}

TEST(PredictProgress, TakesEachResultOfItsBatchOnceInAnyOrder) {
  PredictProgress progress(urls(3), kBatch, kStart);
  EXPECT_EQ(place(progress.published(message(2, 1), kStart)), 2U);
  EXPECT_EQ(place(progress.published(message(0, 2), kStart)), 0U);
  EXPECT_EQ(place(progress.published(message(2, 1), kStart)), std::nullopt) << "twice";
  EXPECT_EQ(progress.open(), 1U);
  EXPECT_TRUE(progress.is_open(1));
  EXPECT_EQ(place(progress.published(message(1, 3), kStart)), 1U);
  EXPECT_EQ(progress.open(), 0U);
  EXPECT_FALSE(progress.given_up(kStart + seconds(1000)));
  EXPECT_FALSE(progress.due(kStart + seconds(1000)));
}

TEST(PredictProgress, PassesOverOtherBatchesAndPlacesThatAreNot) {
  PredictProgress progress(urls(2), kBatch, kStart);
  EXPECT_FALSE(progress.published(message(0, 1, "another"), kStart));
  EXPECT_FALSE(progress.published(bare("http://a.example/0"), kStart));
  EXPECT_FALSE(progress.published(message(2, 1), kStart));
  EXPECT_FALSE(progress.published(message(0xffffffff, 0xffffffff), kStart));
  EXPECT_EQ(progress.open(), 2U);
  EXPECT_EQ(progress.next_look(), kStart + PredictProgress::kQuiet) << "nothing of ours was heard";
}

TEST(PredictProgress, AsksAtOnceForWhatAGapLeftOut) {
  PredictProgress progress(urls(5), kBatch, kStart);
  progress.published(message(0, 1), kStart);
  EXPECT_FALSE(progress.due(kStart));
  progress.published(message(3, 4), kStart);
  ASSERT_TRUE(progress.due(kStart));
  EXPECT_EQ(progress.due(kStart)->batch, kBatch);
  EXPECT_EQ(progress.due(kStart)->after, 1U);
  EXPECT_LE(progress.next_look(), kStart);
  const auto fresh = progress.answered(answer({message(1, 2), message(2, 3), message(3, 4)}, {}, 4, 5), kStart);
  EXPECT_THAT(places(fresh), ElementsAre(1U, 2U));
  EXPECT_FALSE(progress.due(kStart)) << "the gap is closed";
  EXPECT_EQ(progress.next_look(), kStart + seconds(1));
}

TEST(PredictProgress, AsksAfterASecondWithoutAResultOfOurs) {
  PredictProgress progress(urls(3), kBatch, kStart);
  EXPECT_EQ(progress.next_look(), kStart + seconds(1));
  EXPECT_FALSE(progress.due(kStart + milliseconds(999)));
  progress.published(message(0, 1), kStart + milliseconds(500));
  EXPECT_EQ(progress.next_look(), kStart + milliseconds(1500));
  EXPECT_FALSE(progress.due(kStart + milliseconds(1499)));
  EXPECT_EQ(progress.due(kStart + milliseconds(1500))->after, 1U);
}

TEST(PredictProgress, ReadsPageAfterPage) {
  PredictProgress progress(urls(6), kBatch, kStart);
  const TimePoint at = kStart + seconds(1);
  EXPECT_EQ(progress.due(at)->after, 0U);
  progress.answered(answer({message(0, 1), message(1, 2)}, 2, 6, 6), at);
  ASSERT_TRUE(progress.due(at));
  EXPECT_EQ(progress.due(at)->after, 2U);
  progress.published(message(2, 3), at);
  EXPECT_EQ(progress.due(at)->after, 3U) << "what was heard meanwhile is not asked for";
  progress.answered(answer({message(3, 4), message(4, 5)}, 5, 6, 6), at);
  EXPECT_EQ(progress.due(at)->after, 5U);
  EXPECT_THAT(places(progress.answered(answer({message(5, 6)}, {}, 6, 6), at)), ElementsAre(5U));
  EXPECT_EQ(progress.open(), 0U);
}

TEST(PredictProgress, PagesThatLeadNowhereAreNotReadForEver) {
  PredictProgress progress(urls(6), kBatch, kStart);
  const TimePoint at = kStart + seconds(1);
  for (const std::uint32_t next : {0U, 6U + 1U, 0xffffffffU}) {
    progress.answered(answer({}, next, 1, 6), at);
    EXPECT_FALSE(progress.due(at)) << next;
  }
}

TEST(PredictProgress, RestsAfterAnAnswerThatBroughtNothingAndAfterNone) {
  PredictProgress progress(urls(3), kBatch, kStart);
  progress.published(message(2, 3), kStart);
  ASSERT_TRUE(progress.due(kStart));
  progress.answered(answer({message(2, 3)}, {}, 1, 3), kStart);
  EXPECT_FALSE(progress.due(kStart + milliseconds(999)));
  EXPECT_EQ(progress.next_look(), kStart + seconds(1));
  ASSERT_TRUE(progress.due(kStart + seconds(1)));
  progress.unanswered(kStart + seconds(3));
  EXPECT_FALSE(progress.due(kStart + milliseconds(3999)));
  EXPECT_TRUE(progress.due(kStart + seconds(4)));
}

TEST(PredictProgress, IsGivenUpAMinuteAfterTheLastSignOfTheService) {
  PredictProgress progress(urls(3), kBatch, kStart);
  EXPECT_FALSE(progress.given_up(kStart + milliseconds(59'999)));
  EXPECT_TRUE(progress.given_up(kStart + seconds(60)));
  progress.published(message(0, 1), kStart + seconds(10));
  EXPECT_FALSE(progress.given_up(kStart + seconds(69)));
  progress.answered(answer({}, {}, 1, 3), kStart + seconds(50));
  EXPECT_FALSE(progress.given_up(kStart + seconds(109))) << "a long queue, but the service lives";
  progress.unanswered(kStart + seconds(109));
  EXPECT_TRUE(progress.given_up(kStart + seconds(110)));
}

TEST(PredictProgress, IsGivenUpWhereAllIsDoneAndSomeIsMissing) {
  PredictProgress progress(urls(2), kBatch, kStart);
  progress.published(message(0, 1), kStart);
  for (const int second : {1, 2, 3}) {
    EXPECT_FALSE(progress.given_up(kStart + seconds(second)));
    progress.answered(answer({}, {}, 2, 2), kStart + seconds(second));
  }
  EXPECT_TRUE(progress.given_up(kStart + seconds(3)));
}

TEST(PredictProgress, WithoutBatchesAMessageIsTheFirstOpenItemsWithItsUrl) {
  PredictProgress progress({"a", "b", "a", "a"}, "", kStart);
  EXPECT_EQ(place(progress.published(bare("a"), kStart)), 0U);
  EXPECT_EQ(place(progress.published(bare("a"), kStart)), 2U);
  EXPECT_EQ(place(progress.published(bare("c"), kStart)), std::nullopt);
  EXPECT_EQ(place(progress.published(bare("b"), kStart)), 1U);
  EXPECT_EQ(place(progress.published(bare("b"), kStart)), std::nullopt);
  EXPECT_EQ(place(progress.published(bare("a"), kStart)), 3U);
  EXPECT_EQ(progress.open(), 0U);
}

TEST(PredictProgress, WithoutBatchesNothingIsAskedForAndAMinuteIsTheEnd) {
  PredictProgress progress({"a", "b"}, "", kStart);
  EXPECT_FALSE(progress.due(kStart + seconds(10)));
  EXPECT_EQ(progress.next_look(), kStart + seconds(60));
  progress.published(bare("a"), kStart + seconds(30));
  EXPECT_FALSE(progress.given_up(kStart + seconds(89)));
  EXPECT_TRUE(progress.given_up(kStart + seconds(90)));
}

TEST(PredictProgress, OfABatchWhoseMessagesTellNoPlaceTheUrlTells) {
  PredictProgress progress({"a", "a"}, kBatch, kStart);
  auto made = bare("a");
  made.result.batch = kBatch;
  EXPECT_EQ(place(progress.published(made, kStart)), 0U);
  EXPECT_EQ(place(progress.published(made, kStart)), 1U);
}

/// Whatever is dropped, repeated or mixed with others' messages: with answers each item gets exactly one result.
TEST(PredictProgress, EachItemGetsExactlyOneResultWhateverIsDropped) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const auto count = static_cast<std::uint32_t>(1 + random() % 40);
    std::vector<ResultMessage> kept;
    std::vector<std::uint32_t> order(count);
    for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    for (std::uint32_t i = 0; i < count; ++i) kept.push_back(message(order[i], i + 1));
    PredictProgress progress(urls(count), kBatch, kStart);
    std::vector<int> results(count, 0);
    TimePoint at = kStart;
    std::uint32_t done = 0;
    for (int step = 0; progress.open() > 0; ++step) {
      ASSERT_LT(step, 2000);
      at += milliseconds(random() % 700);
      if (done < count && random() % 2 == 0) {
        ++done;
        const auto copies = random() % 3;  // 0: dropped
        for (std::size_t copy = 0; copy < copies; ++copy) {
          if (const auto placed = progress.published(kept[done - 1], at)) ++results[placed->place];
        }
        progress.published(message(0, 1, "another"), at);
      }
      if (const auto call = progress.due(at); call && random() % 4 == 0) {
        progress.unanswered(at);
      } else if (call) {
        const auto end = std::min<std::uint32_t>(done, call->after + 7);
        std::vector<ResultMessage> page;
        for (auto i = call->after; i < end; ++i) page.push_back(kept[i]);
        const auto next = end < done ? std::optional(end) : std::nullopt;
        for (const auto& placed : progress.answered(answer(page, next, done, count), at)) ++results[placed.place];
      }
      ASSERT_FALSE(progress.given_up(at));
    }
    ASSERT_THAT(results, testing::Each(1)) << "round " << round;
  }
}

}  // namespace
}  // namespace curlew
