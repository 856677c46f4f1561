// What the store in a file holds back and remembers, so that the disk is asked less: results until they share a commit,
// what was just written, items that are next.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "contract/sqlite_fixture.hpp"
#include "curlew/store/write_queue.hpp"

namespace curlew::testing_store {
namespace {

using namespace std::chrono_literals;
using Code = StoreError::Code;
using Phase = BatchStatus::Phase;
using SqliteMemory = SqliteStoreTest;

// ---- commits are shared ----

TEST_F(SqliteMemory, ResultsBesideWhichOthersAreWorkedOnShareACommit) {
  open();
  create(100);
  std::atomic<int> commits = 0;
  store_->set_on_results([&](const NewResults&) { ++commits; });
  const auto claims = claim_all(*store_);
  std::vector<std::future<std::vector<Completion>>> completions;
  for (std::size_t i = 0; i < 50; ++i) completions.push_back(store_->complete({result_of(claims[i])}));
  for (auto& completion : completions) EXPECT_EQ(completion.get(), std::vector{Completion::kKept});
  EXPECT_LT(commits, 25);
}

// ---- what is remembered is what the file holds ----

TEST_F(SqliteMemory, PagesOfWhatWasJustKeptAreThoseThatTheFileGives) {
  open();
  const std::string id = create(60);
  const std::string other = create(60);
  std::mt19937 random(5);
  for (const Claim& claim : claim_all(*store_)) store_->complete({random_result(claim, random)}).get();
  ASSERT_TRUE(store_->cancel(id));  // too late: nothing changes
  std::vector<std::string> remembered;
  for (const auto& batch : {id, other}) {
    for (const KeptResult& kept : all_results(*store_, batch, 7)) remembered.push_back(describe(kept.result));
  }
  const auto status = store_->results(id, 0, 1)->status;
  reopen();
  std::vector<std::string> written;
  for (const auto& batch : {id, other}) {
    for (const KeptResult& kept : all_results(*store_, batch, 7)) written.push_back(describe(kept.result));
  }
  EXPECT_EQ(remembered, written);
  EXPECT_EQ(remembered.size(), 120U);
  EXPECT_EQ(store_->results(id, 0, 1)->status.phase, status.phase);
  EXPECT_EQ(status.phase, Phase::kDone);
}

TEST_F(SqliteMemory, WhatIsRememberedTellsOfACancelThatBroughtNoResults) {
  open();
  const std::string id = create(2);
  const auto claims = claim_all(*store_);
  complete_all({claims[0]});
  ASSERT_TRUE(store_->cancel(id));
  EXPECT_EQ(store_->results(id, 0, 10)->status.phase, Phase::kCancelled);
  complete_all({claims[1]});
  EXPECT_EQ(store_->results(id, 1, 10)->status.phase, Phase::kCancelled);
}

TEST_F(SqliteMemory, WhatIsRememberedGoesWithItsBatch) {
  limits_.keep = 1h;
  open();
  const std::string id = create(1);
  complete_all(claim_all(*store_));
  EXPECT_EQ(store_->results(id, 0, 10)->results.size(), 1U);
  calendar_.advance(2h);
  EXPECT_EQ(*store_->expire(), 1U);
  ASSERT_FALSE(store_->results(id, 0, 10));
  EXPECT_EQ(store_->results(id, 0, 10).error().code, Code::kExpired);
}

TEST_F(SqliteMemory, NobodyReadsLessThanWasReadBefore) {
  open();
  const std::string id = create(400);
  std::atomic<bool> ended = false;
  std::jthread reader([&] {
    std::uint32_t done = 0;
    while (!ended) {
      const auto status = store_->status(id);
      ASSERT_GE(status->done, done);
      const auto page = store_->results(id, status->done / 2, 1000);
      ASSERT_GE(page->status.done, status->done);
      ASSERT_EQ(page->results.size(), page->status.done - status->done / 2);
      done = page->status.done;
    }
  });
  for (const Claim& claim : claim_all(*store_)) store_->complete({result_of(claim)}).get();
  ended = true;
}

TEST_F(SqliteMemory, EachItemIsClaimedWithItsOwnTextInWhateverOrder) {
  open();
  NewBatch batch = some_batch(0);
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) {
    const std::string filling((i % 3 == 0) ? 7000 : 10, 'f');
    texts.push_back(fmt::format("https://host{}.test/{}/{}.jpg", i * i % 7, filling, i));
    batch.items.push_back({.text = texts.back(), .problem = {}});
  }
  ASSERT_TRUE(store_->create(batch));
  std::mt19937 random(7);
  std::map<std::uint32_t, std::string> claimed;
  while (claimed.size() < texts.size()) {
    const auto open_host = fmt::format("https://host{}.test:443", random() % 7);
    const auto claims = store_->claim(
        random() % 9 + 1, [&](const std::string& origin) { return std::size_t{origin == open_host ? 5U : 0U}; });
    ASSERT_TRUE(claims);
    for (const Claim& claim : *claims) {
      ASSERT_EQ(claim.item.text, texts.at(claim.item.index));
      const ItemKey key = key_of(claim);
      if (random() % 3 == 0) {
        store_->give_back(std::span(&key, 1));
      } else {
        claimed[claim.item.index] = claim.item.text;
        if (random() % 2 == 0) complete_all({claim});
      }
    }
  }
}

}  // namespace
}  // namespace curlew::testing_store
