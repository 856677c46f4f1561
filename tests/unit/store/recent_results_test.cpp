#include "curlew/store/recent_results.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace curlew {
namespace {

constexpr std::size_t kPlenty = 1'000'000;

/// News of the results `first` to `last` of a batch of 100.
std::shared_ptr<const NewResults> news(const std::string& batch, std::uint32_t first, std::uint32_t last,
                                       std::size_t bytes = 0) {
  NewResults fresh;
  fresh.status.id = batch;
  fresh.status.total = 100;
  fresh.status.done = last;
  for (std::uint32_t sequence = first; sequence <= last; ++sequence) {
    ItemResult result{.batch = batch, .index = sequence, .url = std::string(bytes, 'u'), .outcome = {}, .timings = {}};
    fresh.results.push_back({.sequence = sequence, .result = std::move(result)});
  }
  return std::make_shared<const NewResults>(std::move(fresh));
}

void keep(RecentResults& recent, const std::shared_ptr<const NewResults>& fresh) {
  recent.hide();
  recent.show({.news = {fresh}, .changed = {fresh->status}, .removed = {}});
}

/// The sequence numbers of a page; a single 0 where the file must be asked.
std::vector<std::uint32_t> page(const RecentResults& recent, std::uint32_t after, std::size_t limit = 100,
                                const std::string& batch = "b") {
  const auto found = recent.page(batch, after, limit);
  if (!found) return {0};
  std::vector<std::uint32_t> sequences;
  for (const KeptResult& kept : found->results) {
    sequences.push_back(kept.sequence);
    EXPECT_EQ(kept.result.index, kept.sequence);
    EXPECT_EQ(kept.result.batch, batch);
  }
  return sequences;
}

using Sequences = std::vector<std::uint32_t>;

TEST(RecentResults, GivesPagesOverAllPiecesThatItHas) {
  RecentResults recent(kPlenty);
  keep(recent, news("b", 1, 2));
  keep(recent, news("b", 3, 3));
  keep(recent, news("b", 4, 6));
  EXPECT_EQ(page(recent, 0), (Sequences{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(page(recent, 1), (Sequences{2, 3, 4, 5, 6}));
  EXPECT_EQ(page(recent, 2), (Sequences{3, 4, 5, 6}));
  EXPECT_EQ(page(recent, 5), (Sequences{6}));
  EXPECT_EQ(page(recent, 1, 3), (Sequences{2, 3, 4}));
  EXPECT_EQ(page(recent, 4, 1), (Sequences{5}));
  EXPECT_EQ(page(recent, 6), Sequences());
  EXPECT_EQ(page(recent, 4'000'000'000), Sequences());
  EXPECT_EQ(recent.page("b", 0, 1)->status.done, 6U);
}

TEST(RecentResults, HasNothingOfOtherBatches) {
  RecentResults recent(kPlenty);
  keep(recent, news("b", 1, 1));
  EXPECT_EQ(page(recent, 0, 100, "c"), Sequences{0});
}

TEST(RecentResults, WhoseFirstResultsHaveGoneIsReadFromTheFileToThere) {
  RecentResults recent(kPlenty);
  keep(recent, news("b", 10, 12));
  EXPECT_EQ(page(recent, 0), Sequences{0});
  EXPECT_EQ(page(recent, 8), Sequences{0});
  EXPECT_EQ(page(recent, 9), (Sequences{10, 11, 12}));
}

TEST(RecentResults, TheOldestGoWhenThereAreTooMany) {
  RecentResults recent(6000);
  keep(recent, news("a", 1, 1, 1000));
  for (std::uint32_t i = 1; i <= 20; ++i) keep(recent, news("b", i, i, 1000));
  EXPECT_EQ(page(recent, 0, 100, "a"), Sequences{0});
  EXPECT_EQ(page(recent, 0), Sequences{0});
  EXPECT_EQ(page(recent, 19), Sequences{20});
}

TEST(RecentResults, OneThatIsLargerThanAllRoomIsReadFromTheFile) {
  RecentResults recent(1000);
  keep(recent, news("b", 1, 1, 2000));
  EXPECT_EQ(page(recent, 0), Sequences{0});
}

TEST(RecentResults, GiveNothingWhileACommitIsUnderWay) {
  RecentResults recent(kPlenty);
  keep(recent, news("b", 1, 1));
  recent.hide();
  EXPECT_EQ(page(recent, 0), Sequences{0});
  recent.show({});
  EXPECT_EQ(page(recent, 0), Sequences{1});
}

TEST(RecentResults, AfterACommitThatFailedTheFileIsAskedForAllThatWas) {
  RecentResults recent(kPlenty);
  keep(recent, news("b", 1, 5));
  recent.hide();
  recent.forget_all();
  EXPECT_EQ(page(recent, 0), Sequences{0});
  keep(recent, news("b", 6, 6));
  EXPECT_EQ(page(recent, 5), Sequences{6});
  EXPECT_EQ(page(recent, 4), Sequences{0});
}

TEST(RecentResults, AStatusThatChangesWithoutResultsIsSeen) {
  RecentResults recent(kPlenty);
  const auto fresh = news("b", 1, 1);
  keep(recent, fresh);
  BatchStatus cancelled = fresh->status;
  cancelled.phase = BatchStatus::Phase::kCancelled;
  recent.show({.news = {}, .changed = {cancelled}, .removed = {}});
  EXPECT_EQ(recent.page("b", 0, 100)->status.phase, BatchStatus::Phase::kCancelled);
}

TEST(RecentResults, ABatchThatIsRemovedIsNoLongerThere) {
  RecentResults recent(5000);
  keep(recent, news("b", 1, 3, 1000));
  recent.show({.news = {}, .changed = {}, .removed = {"b"}});
  EXPECT_EQ(page(recent, 0), Sequences{0});
  for (std::uint32_t i = 1; i <= 9; ++i) keep(recent, news("c", i, i, 1000));  // pushes out what has gone already
  EXPECT_EQ(page(recent, 8, 100, "c"), Sequences{9});
}

}  // namespace
}  // namespace curlew
