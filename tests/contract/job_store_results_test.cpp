// What every JobStore does with results, cancelling, expiry and listeners.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "contract/job_store_fixture.hpp"

namespace curlew::testing_store {
namespace {

using namespace std::chrono_literals;
using Code = StoreError::Code;
using Phase = BatchStatus::Phase;

// ---- results ----

TEST_P(JobStoreContract, ResultsComeBackBitByBit) {
  std::mt19937 random(20261122);
  NewBatch batch = some_batch(300);
  for (NewItem& item : batch.items) item.text += std::string("\0\xff'", 3);
  const std::string id = create(std::move(batch));
  std::vector<std::string> handed_in;
  std::vector<ItemResult> results;
  for (const Claim& claim : claim_all(store())) {
    results.push_back(random_result(claim, random));
    handed_in.push_back(describe(results.back()));
  }
  complete(results);
  const auto kept = all_results(store(), id);
  ASSERT_EQ(kept.size(), handed_in.size());
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(describe(kept[i].result), handed_in[i]);
}

TEST_P(JobStoreContract, TheSecondResultOfAnItemIsIgnored) {
  const std::string batch = create(some_batch(2));
  const auto claims = claim(2);
  ItemResult other = result_of(claims[0]);
  other.outcome = make_error(ErrorCode::kTimeout, "later");
  EXPECT_EQ(complete({result_of(claims[0]), other}), (std::vector{Completion::kKept, Completion::kIgnored}));
  EXPECT_EQ(complete({other}), std::vector{Completion::kIgnored});
  EXPECT_EQ(status(batch).done, 1U);
  EXPECT_TRUE(all_results(store(), batch)[0].result.ok());
}

TEST_P(JobStoreContract, ResultsOfNoItemAreIgnored) {
  const std::string batch = create(some_batch(1));
  ItemResult beyond = result_of(claim(1)[0]);
  beyond.index = 1;
  ItemResult unknown = beyond;
  unknown.batch = "none";
  EXPECT_EQ(complete({beyond, unknown}), (std::vector{Completion::kIgnored, Completion::kIgnored}));
  EXPECT_EQ(status(batch).done, 0U);
  EXPECT_TRUE(complete({}).empty());
}

TEST_P(JobStoreContract, AnItemGivenBackTakesAResultAndIsNotClaimedAgain) {
  const std::string batch = create(some_batch(3));
  const auto claims = claim(3);
  store().give_back(std::vector{key_of(claims[1]), key_of(claims[2])});
  complete_all({claims[1]});
  const auto left = claim_all(store());
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].item.index, 2U);
  complete_all({left[0], claims[0]});
  EXPECT_EQ(status(batch).phase, Phase::kDone);
}

TEST_P(JobStoreContract, ResultsArePagedInTheOrderOfCompletion) {
  const std::string batch = create(some_batch(1200));
  auto claims = claim_all(store());
  std::ranges::shuffle(claims, std::mt19937(7));
  for (std::size_t i = 0; i < claims.size(); i += 100) {
    complete_all(
        {claims.begin() + static_cast<std::ptrdiff_t>(i), claims.begin() + static_cast<std::ptrdiff_t>(i + 100)});
  }
  const auto kept = all_results(store(), batch, 7);
  ASSERT_EQ(kept.size(), claims.size());
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].result.index, claims[i].item.index);
  EXPECT_EQ(store().results(batch, 0, 100000)->results.size(), kMaxPageResults);
  EXPECT_EQ(store().results(batch, 1198, 100)->results.size(), 2U);
  EXPECT_TRUE(store().results(batch, 1200, 100)->results.empty());
  EXPECT_TRUE(store().results(batch, 0xffffffff, 100)->results.empty());
  EXPECT_TRUE(store().results(batch, 5, 0)->results.empty());
  EXPECT_TRUE(store().results(batch, 1200, 100)->status.ended());
}

TEST_P(JobStoreContract, PagesAreCompleteWhileResultsCome) {
  constexpr std::uint32_t kItems = 1000;
  const std::string batch = create(some_batch(kItems));
  const auto claims = claim_all(store());
  std::jthread worker([&] {
    for (const Claim& claim : claims) store().complete({result_of(claim)});
  });
  std::uint32_t last = 0;
  for (bool ended = false; !ended;) {
    const auto page = store().results(batch, last, 64);
    ASSERT_TRUE(page);
    for (const KeptResult& kept : page->results) {
      ASSERT_EQ(kept.sequence, last + 1);
      ASSERT_EQ(kept.result.index, last);
      ++last;
    }
    ASSERT_LE(last, page->status.done);
    ended = page->status.ended() && last == page->status.done;
  }
  EXPECT_EQ(last, kItems);
}

TEST_P(JobStoreContract, EachItemGetsExactlyOneResultWhoeverClaimsAndGivesBack) {
  std::vector<std::string> batches;
  for (const std::size_t size : {700, 1, 200, 99}) batches.push_back(create(some_batch(size)));
  constexpr std::size_t kItems = 1000;
  std::atomic<std::size_t> kept = 0;
  {
    std::vector<std::jthread> workers;
    for (unsigned worker = 0; worker < 4; ++worker) {
      workers.emplace_back([&, worker] {
        std::mt19937 random(worker);
        while (kept < kItems) {
          const auto claims = store().claim(1 + random() % 20, endless_room);
          ASSERT_TRUE(claims);
          std::vector<ItemKey> back;
          std::vector<ItemResult> results;
          for (const Claim& claim : *claims) {
            if (random() % 4 == 0) back.push_back(key_of(claim));
            if (back.empty() || random() % 4 != 0) results.push_back(result_of(claim));  // some: both
            if (random() % 8 == 0) results.push_back(result_of(claim));                  // some: twice
          }
          for (const Claim& claim : *claims) {
            const bool is_answered = std::ranges::any_of(results, [&](const ItemResult& result) {
              return result.batch == claim.item.batch && result.index == claim.item.index;
            });
            if (!is_answered) back.push_back(key_of(claim));
          }
          store().give_back(back);
          for (const Completion completion : store().complete(std::move(results)).get()) {
            ASSERT_NE(completion, Completion::kLost);
            kept += completion == Completion::kKept ? 1 : 0;
          }
        }
      });
    }
  }
  EXPECT_EQ(kept, kItems);
  for (const std::string& batch : batches) {
    std::set<std::uint32_t> indexes;
    for (const KeptResult& result : all_results(store(), batch)) indexes.insert(result.result.index);
    EXPECT_EQ(indexes.size(), status(batch).total);
    EXPECT_EQ(status(batch).done, status(batch).total);
  }
  EXPECT_TRUE(claim(1).empty());
  EXPECT_EQ(store().counts().claimed_items, 0U);
}

// ---- cancelling ----

TEST_P(JobStoreContract, CancellingEndsWhatHasNotBegunAndWaitsForWhatHas) {
  const std::string batch = create(some_batch(5));
  const auto claims = claim(2);
  const auto cancelled = store().cancel(batch);
  ASSERT_TRUE(cancelled);
  EXPECT_EQ(cancelled->phase, Phase::kCancelled);
  EXPECT_EQ(cancelled->done, 3U);
  EXPECT_EQ(cancelled->cancelled, 3U);
  EXPECT_EQ(cancelled->failed, 0U);
  EXPECT_FALSE(cancelled->ended());
  EXPECT_TRUE(claim(1).empty());
  complete_all(claims);
  EXPECT_EQ(status(batch).phase, Phase::kCancelled);
  EXPECT_TRUE(status(batch).ended());
  std::map<std::uint32_t, bool> ok;
  for (const KeptResult& kept : all_results(store(), batch)) {
    ok[kept.result.index] = kept.result.ok();
    if (kept.result.ok()) continue;
    EXPECT_EQ(std::get<Error>(kept.result.outcome).code, ErrorCode::kCancelled);
    EXPECT_EQ(kept.result.url, some_items(5)[kept.result.index].text);
  }
  EXPECT_EQ(ok, (std::map<std::uint32_t, bool>{{0, true}, {1, true}, {2, false}, {3, false}, {4, false}}));
}

TEST_P(JobStoreContract, WhatIsGivenBackToACancelledBatchEndsCancelled) {
  const std::string batch = create(some_batch(2));
  const auto claims = claim(2);
  ASSERT_TRUE(store().cancel(batch));
  EXPECT_EQ(store().cancel(batch)->done, 0U);  // a second time: nothing more
  store().give_back(std::vector{key_of(claims[0]), key_of(claims[1])});
  EXPECT_TRUE(eventually([&] { return status(batch).ended(); }));
  EXPECT_EQ(status(batch).cancelled, 2U);
  EXPECT_TRUE(claim(1).empty());
}

TEST_P(JobStoreContract, ABatchThatHasEndedCannotBeCancelled) {
  const std::string batch = create(some_batch(1));
  complete_all(claim(1));
  EXPECT_EQ(store().cancel(batch)->phase, Phase::kDone);
  EXPECT_EQ(status(batch).phase, Phase::kDone);
}

// ---- expiry ----

TEST_P(JobStoreContract, ABatchGoesAfterADayAndIsRememberedForAWeek) {
  const std::string old = create(keyed("key", "print"));
  complete_all(claim_all(store()));
  calendar_.advance(24h - 1s);
  const std::string young = create(some_batch(1));
  EXPECT_EQ(*store().expire(), 0U);
  EXPECT_TRUE(store().status(old));
  calendar_.advance(1s);
  EXPECT_EQ(*store().expire(), 1U);
  EXPECT_EQ(error_of(old), Code::kExpired);
  EXPECT_EQ(store().results(old, 0, 1).error().code, Code::kExpired);
  EXPECT_EQ(store().cancel(old).error().code, Code::kExpired);
  EXPECT_TRUE(store().status(young));
  EXPECT_TRUE(store().create(keyed("key", "another print"))->is_new);
  calendar_.advance(168h - 1s);
  ASSERT_TRUE(store().expire());
  EXPECT_EQ(error_of(old), Code::kExpired);
  calendar_.advance(1s);
  ASSERT_TRUE(store().expire());
  EXPECT_EQ(error_of(old), Code::kNotFound);
}

TEST_P(JobStoreContract, ABatchThatExpiresUnfinishedEndsFirstAndGoesAMinuteLater) {
  const std::string batch = create(some_batch(4));
  const auto claims = claim(2);
  calendar_.advance(24h);
  EXPECT_EQ(*store().expire(), 0U);
  EXPECT_TRUE(claim(1).empty());
  EXPECT_EQ(status(batch).done, 2U);
  EXPECT_EQ(status(batch).failed, 2U);
  for (const KeptResult& kept : all_results(store(), batch)) {
    EXPECT_EQ(std::get<Error>(kept.result.outcome).code, ErrorCode::kExpired);
  }
  complete_all({claims[0]});
  store().give_back(std::vector{key_of(claims[1])});
  EXPECT_TRUE(eventually([&] { return status(batch).ended(); }));
  EXPECT_EQ(status(batch).failed, 3U);
  EXPECT_EQ(*store().expire(), 0U);
  calendar_.advance(kLastLook);
  EXPECT_EQ(*store().expire(), 1U);
  EXPECT_EQ(error_of(batch), Code::kExpired);
}

TEST_P(JobStoreContract, AResultForABatchThatHasGoneIsIgnored) {
  const std::string batch = create(some_batch(2));
  const auto claims = claim(1);
  calendar_.advance(24h);
  ASSERT_TRUE(store().expire());
  calendar_.advance(kLastLook);
  EXPECT_EQ(*store().expire(), 1U);
  EXPECT_EQ(complete({result_of(claims[0])}), std::vector{Completion::kIgnored});
  store().give_back(std::vector{key_of(claims[0])});
  EXPECT_EQ(store().counts().claimed_items, 0U);
  EXPECT_EQ(store().counts().open_batches, 0U);
  EXPECT_EQ(error_of(batch), Code::kExpired);
}

// ---- listeners ----

TEST_P(JobStoreContract, WhoWaitsForWorkIsToldOfIt) {
  std::atomic<int> told = 0;
  store().set_on_work([&] { ++told; });
  create(some_batch(2));
  EXPECT_TRUE(eventually([&] { return told >= 1; }));
  const auto claims = claim(2);
  const int before = told;
  store().give_back(std::vector{key_of(claims[0])});
  EXPECT_TRUE(eventually([&] { return told > before; }));
  store().set_on_work({});
  const int last = told;
  create(some_batch(1));
  EXPECT_EQ(told, last);
}

TEST_P(JobStoreContract, WhoListensHearsOfEachResultOnceInOrder) {
  std::mutex mutex;
  std::map<std::string, std::vector<KeptResult>> heard;
  std::map<std::string, BatchStatus> last;
  store().set_on_results([&](const NewResults& news) {
    const std::scoped_lock lock(mutex);
    auto& of_batch = heard[news.status.id];
    for (const KeptResult& kept : news.results) {
      EXPECT_EQ(kept.sequence, of_batch.size() + 1);
      of_batch.push_back(kept);
    }
    EXPECT_EQ(news.status.done, of_batch.size());
    last[news.status.id] = news.status;
    EXPECT_GE(store().status(news.status.id)->done, news.status.done);  // it is kept already
  });
  const std::vector<std::string> batches = {create(some_batch(200)), create(some_batch(100))};
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 3; ++i) {
      workers.emplace_back([&] {
        for (;;) {
          const auto claims = store().claim(7, endless_room);
          if (!claims || claims->empty()) return;
          std::vector<ItemResult> results;
          for (const Claim& claim : *claims) results.push_back(result_of(claim));
          store().complete(std::move(results));
        }
      });
    }
  }
  const std::string cancelled = create(some_batch(50));
  ASSERT_TRUE(store().cancel(cancelled));
  EXPECT_TRUE(eventually([&] {
    const std::scoped_lock lock(mutex);
    return heard[batches[0]].size() == 200 && heard[batches[1]].size() == 100 && heard[cancelled].size() == 50;
  }));
  store().set_on_results({});
  EXPECT_EQ(last[batches[0]].phase, Phase::kDone);
  EXPECT_EQ(last[cancelled].phase, Phase::kCancelled);
  const auto kept = all_results(store(), batches[1]);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(describe(kept[i].result), describe(heard[batches[1]][i].result));
  }
}

}  // namespace
}  // namespace curlew::testing_store
