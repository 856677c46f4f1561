#include "curlew/store/memory_store.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace curlew {
namespace {

// What a store in memory does beside what tests/contract/job_store_* has of every store: it does not grow for ever.

std::string create(JobStore& store, std::size_t items) {
  NewBatch batch;
  batch.items.resize(items, NewItem{.text = "https://birds.test/1.jpg", .problem = {}});
  return store.create(std::move(batch))->status.id;
}

std::vector<Claim> claim_some(JobStore& store, std::size_t items) {
  return store.claim(items, [](const std::string&) { return std::size_t{1'000'000}; }).value();
}

/// A batch of so many items whose results have each a thumbnail of so many bytes.
std::string ended_batch(JobStore& store, std::size_t items, std::size_t bytes) {
  const std::string id = create(store, items);
  std::vector<ItemResult> results;
  for (const Claim& claim : claim_some(store, items)) {
    Success success;
    success.image.thumbnail.assign(bytes, 'x');
    results.push_back({.batch = id, .index = claim.item.index, .url = {}, .outcome = success, .timings = {}});
  }
  store.complete(std::move(results)).get();
  return id;
}

bool has(JobStore& store, const std::string& id) {
  const auto status = store.status(id);
  EXPECT_TRUE(status || status.error().code == StoreError::Code::kExpired);
  return status.has_value();
}

TEST(MemoryStore, TheOldestThatHaveEndedGoEarlyWhereItemsBecomeTooMany) {
  const auto store = make_memory_store({.queue_items = 10});
  const std::string open = create(*store, 1);
  std::vector<std::string> ended;
  ASSERT_EQ(claim_some(*store, 1).size(), 1U);
  for (int i = 0; i < 3; ++i) ended.push_back(ended_batch(*store, 9, 1));
  EXPECT_FALSE(has(*store, ended[0]));
  EXPECT_TRUE(has(*store, ended[1]) && has(*store, ended[2]));
  EXPECT_TRUE(has(*store, open));
}

TEST(MemoryStore, TheOldestThatHaveEndedGoEarlyWhereResultsBecomeTooLarge) {
  const auto store = make_memory_store({.memory = 100'000});
  std::vector<std::string> ended;
  for (int i = 0; i < 4; ++i) ended.push_back(ended_batch(*store, 2, 15'000));
  EXPECT_TRUE(has(*store, ended[0])) << "there is no hurry until more comes";
  const std::string next = create(*store, 1);
  EXPECT_FALSE(has(*store, ended[0]));
  for (std::size_t i = 1; i < 4; ++i) EXPECT_TRUE(has(*store, ended[i])) << i;
  EXPECT_TRUE(has(*store, next));
  create(*store, 1);
  EXPECT_TRUE(has(*store, ended[1])) << "what went makes room";
}

TEST(MemoryStore, ABatchThatHasNotEndedStaysHoweverLargeItsResultsAre) {
  const auto store = make_memory_store({.memory = 1000});
  const std::string open = create(*store, 2);
  const auto claims = claim_some(*store, 1);
  Success success;
  success.image.thumbnail.assign(5000, 'x');
  store->complete({{.batch = open, .index = claims.at(0).item.index, .url = {}, .outcome = success, .timings = {}}})
      .get();
  create(*store, 1);
  EXPECT_EQ(store->results(open, 0, 10)->results.size(), 1U);
}

}  // namespace
}  // namespace curlew
