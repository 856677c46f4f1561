// What the store in Redis does beyond what every store does: machines share it.
#include "curlew/store/redis_store.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "contract/redis_fixture.hpp"
#include "curlew/store/redis_health.hpp"
#include "curlew/store/redis_keys.hpp"
#include "curlew/store/redis_pool.hpp"
#include "curlew/store/redis_work.hpp"
#include "curlew/store/result_codec.hpp"

namespace curlew::testing_store {
namespace {

using namespace std::chrono_literals;
using Code = StoreError::Code;

// ---- machines share the work ----

TEST_F(RedisStoreTest, MachinesShareTheWorkOfABatchWithoutOverlap) {
  const auto one = machine();
  const auto two = machine();
  const std::string batch = create(*one, some_batch(100));
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 20; ++i) {
    for (const auto* store : {&one, &two}) {
      const auto claims = claim(**store, 3);
      for (const Claim& claim : claims) EXPECT_TRUE(seen.insert(claim.item.index).second);
      complete(**store, claims);
    }
  }
  EXPECT_EQ(seen.size(), 100U);
  for (const auto* store : {&one, &two}) {
    EXPECT_TRUE((*store)->status(batch)->ended());
    EXPECT_EQ(all_results(**store, batch).size(), 100U);
    EXPECT_EQ((*store)->counts().open_batches, 0U);
  }
}

TEST_F(RedisStoreTest, BatchesTakeTurnsItemByItemOverAllMachines) {
  const std::vector<std::unique_ptr<JobStore>> machines = [&] {
    std::vector<std::unique_ptr<JobStore>> made;
    made.reserve(3);
    for (int i = 0; i < 3; ++i) made.push_back(machine());
    return made;
  }();
  std::vector<std::string> batches;
  batches.reserve(machines.size());
  for (const auto& store : machines) batches.push_back(create(*store, some_batch(200)));
  std::map<std::string, int> seen;
  for (int i = 0; i < 90; ++i) ++seen[claim(*machines[i % 2], 1).at(0).item.batch];
  for (const std::string& batch : batches) EXPECT_EQ(seen[batch], 30);
}

TEST_F(RedisStoreTest, ABatchMadeOnOneMachineIsTheSameOnAnother) {
  const auto one = machine();
  const auto two = machine();
  const auto made = one->create(keyed("key", "print"));
  const auto again = two->create(keyed("key", "print"));
  ASSERT_TRUE(made && again);
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->status.id, made->status.id);
  EXPECT_EQ(two->create(keyed("key", "other")).error().code, Code::kKeyReused);
  EXPECT_EQ(two->cancel(made->status.id)->cancelled, 2U);
  EXPECT_EQ(one->status(made->status.id)->phase, BatchStatus::Phase::kCancelled);
}

TEST_F(RedisStoreTest, AMachineGivesBackNothingThatAnotherHasClaimed) {
  const auto one = machine();
  const auto two = machine();
  create(*one, some_batch(2));
  const auto claims = claim(*one, 2);
  two->give_back(std::vector{key_of(claims[0])});
  EXPECT_TRUE(claim(*two, 2).empty());
}

// ---- leases ----

TEST_F(RedisStoreTest, WhatADeadMachineHadClaimedGoesToOthersAfterItsLease) {
  lease_ = 200ms;
  const auto dead = machine();
  const auto alive = machine();
  std::atomic<int> told = 0;
  alive->set_on_work([&] { ++told; });
  const std::string batch = create(*dead, some_batch(3));
  const auto lost = claim(*dead, 3);
  ASSERT_EQ(lost.size(), 3U);
  EXPECT_EQ(alive->counts().waiting_items, 0U);
  EXPECT_TRUE(eventually([&] { return told > 0; }));
  told = 0;
  EXPECT_TRUE(eventually([&] {
    alive->renew_leases();  // as its clock does; that is how it hears of the dead
    return told > 0;
  }));
  const auto found = claim(*alive, 10);
  ASSERT_EQ(found.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(found[i].item.index, i);
  complete(*alive, found);
  EXPECT_EQ(complete(*dead, lost), std::vector(3, Completion::kIgnored));  // it was only slow
  dead->renew_leases();
  EXPECT_EQ(dead->counts().claimed_items, 0U);
  EXPECT_EQ(all_results(*alive, batch).size(), 3U);
}

TEST_F(RedisStoreTest, TheFirstResultIsKeptThoughTheLeaseWasOver) {
  lease_ = 200ms;
  const auto slow = machine();
  const auto other = machine();
  create(*slow, some_batch(1));
  const auto claims = claim(*slow, 1);
  std::vector<Claim> taken;
  EXPECT_TRUE(eventually([&] {
    taken = claim(*other, 1);
    return !taken.empty();
  }));
  other->renew_leases();
  slow->renew_leases();  // takes nothing back
  other->renew_leases();
  EXPECT_EQ(slow->counts().claimed_items, 0U);
  EXPECT_EQ(other->counts().claimed_items, 1U);
  EXPECT_EQ(complete(*slow, claims), std::vector{Completion::kKept});
  EXPECT_EQ(complete(*other, taken), std::vector{Completion::kIgnored});
}

TEST_F(RedisStoreTest, WhoIsLateGivesBackNothingThatAnotherHasClaimed) {
  lease_ = 200ms;
  const auto slow = machine();
  const auto other = machine();
  create(*slow, some_batch(1));
  const auto claims = claim(*slow, 1);
  EXPECT_TRUE(eventually([&] { return !claim(*other, 1).empty(); }));
  slow->give_back(std::vector{key_of(claims[0])});
  EXPECT_EQ(slow->counts().waiting_items, 0U);
  other->renew_leases();
  EXPECT_EQ(other->counts().claimed_items, 1U);
}

TEST_F(RedisStoreTest, WhatWaitsAgainIsCountedOnceHoweverLongItWaits) {
  lease_ = 100ms;
  const auto dead = machine();
  const auto store = machine();
  create(*store, some_batch(5));
  const auto claims = claim(*store, 3);
  ASSERT_EQ(claim(*dead, 2).size(), 2U);
  store->give_back(std::vector{key_of(claims[0]), key_of(claims[1]), key_of(claims[2])});
  EXPECT_TRUE(eventually([&] {
    store->renew_leases();
    return store->counts().waiting_items > 3;
  }));
  EXPECT_EQ(store->counts().waiting_items, 5U);
  EXPECT_EQ(claim_all(*store).size(), 5U);
  EXPECT_EQ(store->counts().waiting_items, 0U);
}

TEST_F(RedisStoreTest, WhoRenewsItsLeaseKeepsWhatItHasClaimed) {
  lease_ = 2s;
  const auto one = machine();
  const auto two = machine();
  create(*one, some_batch(2));
  ASSERT_EQ(claim(*one, 2).size(), 2U);
  const auto until = std::chrono::steady_clock::now() + lease_ + 500ms;
  while (std::chrono::steady_clock::now() < until) {
    one->renew_leases();
    ASSERT_TRUE(claim(*two, 1).empty());
  }
  EXPECT_EQ(one->counts().claimed_items, 2U);
}

TEST_F(RedisStoreTest, AMachineThatEndsInOrderLeavesItsItemsToOthersAtOnce) {
  auto one = machine();
  const auto two = machine();
  create(*one, some_batch(3));
  ASSERT_EQ(claim(*one, 3).size(), 3U);
  EXPECT_TRUE(claim(*two, 3).empty());
  one.reset();
  std::vector<Claim> found;
  EXPECT_TRUE(eventually([&] {  // once the news has come; its lease goes on for an hour
    found = claim(*two, 3);
    return !found.empty();
  }));
  EXPECT_EQ(found.size(), 3U);
}

TEST_F(RedisStoreTest, ACancelledBatchEndsThoughTheMachineThatWorkedOnItIsDead) {
  lease_ = 200ms;
  const auto dead = machine();
  const auto alive = machine();
  const std::string batch = create(*dead, some_batch(5));
  ASSERT_EQ(claim(*dead, 2).size(), 2U);
  ASSERT_EQ(alive->cancel(batch)->cancelled, 3U);
  EXPECT_TRUE(eventually([&] {
    alive->renew_leases();
    return alive->status(batch)->ended();
  }));
  EXPECT_EQ(alive->status(batch)->cancelled, 5U);
  EXPECT_TRUE(claim(*alive, 1).empty());
  EXPECT_EQ(alive->counts().open_batches, 0U);
}

TEST_F(RedisStoreTest, EachItemGetsExactlyOneResultThoughMachinesDie) {
  lease_ = 100ms;
  constexpr std::uint32_t kItems = 600;
  const auto api = machine();
  const std::vector<std::string> batches = {create(*api, some_batch(kItems - 101)), create(*api, some_batch(100)),
                                            create(*api, some_batch(1))};
  std::atomic<std::uint32_t> kept = 0;
  {
    std::vector<std::jthread> machines;
    for (unsigned number = 0; number < 4; ++number) {
      machines.emplace_back([&, number] {
        std::mt19937 random(number);
        std::vector<std::unique_ptr<JobStore>> graveyard;
        auto store = machine();
        while (kept < kItems) {
          const auto claims = store->claim(1 + random() % 10, endless_room);
          if (!claims) continue;  // cut off
          if (graveyard.size() < 5 && random() % 20 == 0) {
            graveyard.push_back(std::exchange(store, machine()));  // never heard of again
            continue;
          }
          for (const Completion completion : complete(*store, *claims)) {
            ASSERT_NE(completion, Completion::kLost);
            kept += completion == Completion::kKept ? 1 : 0;
          }
          if (number == 0 && random() % 10 == 0) cut();
        }
      });
    }
  }
  EXPECT_EQ(kept, kItems);
  for (const std::string& batch : batches) {
    std::set<std::uint32_t> indexes;
    for (const KeptResult& result : all_results(*api, batch)) indexes.insert(result.result.index);
    EXPECT_EQ(indexes.size(), api->status(batch)->total);
    EXPECT_EQ(api->status(batch)->done, api->status(batch)->total);
  }
  EXPECT_EQ(api->counts().waiting_items, 0U);
}

TEST_F(RedisStoreTest, ResultsWhoseAnswerWasLostAreAnsweredAsTheFirstTime) {
  const auto store = machine();
  const std::string batch = create(*store, some_batch(3));
  const auto claims = claim(*store, 3);
  RedisHealth health([] {});
  RedisPool pool(server_->address(), {}, health);
  RedisWork work(pool, RedisKeys("curlew:"), "somebody", lease_, calendar_.calendar());
  std::vector<OutgoingResult> results;
  results.reserve(claims.size());
  for (const Claim& claim : claims) {
    results.push_back({.result = result_of(claim), .outcome = encode_outcome(result_of(claim))});
  }
  const auto first = std::span(results).first(2);
  for (int i = 0; i < 2; ++i) {
    const auto kept = work.keep(1, first);
    EXPECT_EQ(kept.sequences, (std::vector<std::uint32_t>{1, 2}));
    ASSERT_EQ(kept.news.size(), 1U);
    EXPECT_EQ(kept.news[0].results.size(), 2U);
  }
  EXPECT_EQ(work.keep(2, results).sequences, (std::vector<std::uint32_t>{0, 0, 3}));
  EXPECT_EQ(all_results(*store, batch).size(), 3U);
}

// ---- lists ----

TEST_F(RedisStoreTest, ALongListIsThereAtOnceAndWhole) {
  limits_.queue_items = 11'000;
  const auto one = machine();
  const auto two = machine();
  NewBatch batch = some_batch(10'000);
  batch.idempotency = {.key = "key", .fingerprint = "print"};
  std::atomic<bool> is_over = false;
  std::string id;
  {
    std::jthread reader([&] {
      while (!is_over) {
        const std::size_t waiting = two->counts().waiting_items;
        EXPECT_TRUE(waiting == 0 || waiting == 10'000) << waiting;
      }
    });
    id = create(*one, batch);
    is_over = true;
  }
  EXPECT_FALSE(two->create(batch)->is_new);
  EXPECT_EQ(two->create(some_batch(1001)).error().code, Code::kFull);
  EXPECT_EQ(two->create(some_batch(400)).has_value(), true);
  EXPECT_EQ(one->cancel(id)->cancelled, 10'000U);
  const auto results = all_results(*two, id, 1000);
  ASSERT_EQ(results.size(), 10'000U);
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].result.index, i);
}

TEST_F(RedisStoreTest, APageOfLargeResultsHasFewerOfThem) {
  const auto store = machine();
  const std::string batch = create(*store, some_batch(200));
  std::vector<ItemResult> results;
  for (const Claim& claim : claim(*store, 200)) {
    results.push_back(result_of(claim));
    std::get<Success>(results.back().outcome).image.thumbnail = std::string(std::size_t{24} * 1024, 'x');
  }
  store->complete(std::move(results)).get();
  const auto page = store->results(batch, 0, 1000);
  ASSERT_TRUE(page);
  EXPECT_GE(page->results.size(), 40U);
  EXPECT_LE(page->results.size(), 100U);
  EXPECT_EQ(all_results(*store, batch, 1000).size(), 200U);
}

TEST_F(RedisStoreTest, AnOriginWithoutRoomHoldsUpNoOtherThoughThereAreMoreThanLanes) {
  const auto store = machine();
  NewBatch batch = some_batch(0);
  for (int i = 0; i < 60; ++i) {  // each as often: some have lanes of their own, most share one
    for (int origin = 0; origin < 40; ++origin) {
      batch.items.push_back(
          {.text = "https://o" + std::to_string(origin) + ".test/" + std::to_string(i), .problem = {}});
    }
  }
  create(*store, batch);
  const RoomOf room_of = [](const std::string& origin) {
    return origin == "https://o0.test:443" || origin == "https://o39.test:443" ? 0U : 1'000'000U;
  };
  std::size_t claimed = 0;
  for (;;) {
    const auto claims = store->claim(7, room_of);
    ASSERT_TRUE(claims);
    if (claims->empty()) break;
    for (const Claim& claim : *claims) EXPECT_GT(room_of(std::get<Url>(claim.item.source).origin()), 0U);
    claimed += claims->size();
  }
  EXPECT_EQ(claimed, 60U * 38U);
  EXPECT_EQ(claim_all(*store).size(), 120U);
}

TEST_F(RedisStoreTest, NothingIsLeftOfWhatHasGone) {
  const auto store = machine();
  for (int i = 0; i < 5; ++i) create(*store, some_batch(20));
  create(*store, keyed("key", "print"));
  complete(*store, claim(*store, 50));
  const auto cancelled = create(*store, some_batch(1200));
  ASSERT_TRUE(store->cancel(cancelled));
  store->give_back(std::vector{key_of(claim(*store, 3).at(0))});
  calendar_.advance(24h);
  ASSERT_TRUE(store->expire());
  calendar_.advance(kLastLook);
  ASSERT_TRUE(store->expire());
  std::set<std::string> for_good;
  const RedisReply keys = server_->command({"KEYS", "*"});
  for (const RedisReply& key : keys.elements()) {
    if (server_->command({"PTTL", key.string()}).number() < 0) for_good.insert(key.string());
  }
  EXPECT_EQ(for_good,
            (std::set<std::string>{"curlew:counts", "curlew:format", "curlew:news:results", "curlew:news:work"}));
  for (const std::string field : {"items", "waiting"}) {
    EXPECT_EQ(server_->command({"HGET", "curlew:counts", field}).number(), 0);
  }
}

}  // namespace
}  // namespace curlew::testing_store
