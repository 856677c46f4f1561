// What the store in Redis does when Redis is away, full, not to be written to, or does not let it in.
#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <future>

#include "contract/redis_fixture.hpp"

namespace curlew::testing_store {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using Code = StoreError::Code;

bool is_done(const std::future<std::vector<Completion>>& future) {
  return future.wait_for(0s) == std::future_status::ready;
}

class RedisTroubleTest : public RedisStoreTest {
 protected:
  void expect_trouble(JobStore& store, const std::string& words) {
    EXPECT_TRUE(eventually([&] { return store.trouble().has_value(); }));
    const auto trouble = store.trouble().value_or(StoreError{});
    EXPECT_EQ(trouble.code, Code::kUnavailable);
    EXPECT_THAT(trouble.message, HasSubstr(words));
    EXPECT_THAT(trouble.message, HasSubstr("127.0.0.1:" + std::to_string(server_->address().port)));
  }
  static void expect_well(JobStore& store) {
    EXPECT_TRUE(eventually([&] { return !store.trouble(); }));
  }
};

class RedisOnDiskTest : public RedisTroubleTest {
 protected:
  std::vector<std::string> arguments() const override { return {"--appendonly", "yes", "--appendfsync", "always"}; }
};

TEST_F(RedisTroubleTest, CutConnectionsCostNothing) {
  const auto store = machine();
  cut();
  const std::string batch = create(*store, some_batch(4));
  cut();
  const auto claims = claim(*store, 4);
  ASSERT_EQ(claims.size(), 4U);
  cut();
  EXPECT_EQ(complete(*store, claims), std::vector(4, Completion::kKept));
  cut();
  EXPECT_TRUE(store->status(batch)->ended());
  EXPECT_FALSE(store->trouble());
}

TEST_F(RedisTroubleTest, ScriptsThatWereThrownAwayAreBroughtAgain) {
  const auto store = machine();
  create(*store, some_batch(1));
  server_->command({"SCRIPT", "FLUSH"});
  EXPECT_EQ(claim(*store, 1).size(), 1U);
}

TEST_F(RedisOnDiskTest, ResultsWaitWhileRedisIsAwayAndAreKeptWhenItIsBack) {
  const auto store = machine();
  std::atomic<int> told = 0;
  const std::string batch = create(*store, some_batch(50));
  const auto first = claim(*store, 10);
  complete(*store, first);
  const auto second = claim(*store, 10);
  for (const bool crashes : {false, true}) {
    crashes ? server_->kill() : server_->stop();
    store->set_on_work([&] { ++told; });
    told = 0;
    std::vector<ItemResult> results;
    for (std::size_t i = crashes ? 5 : 0; i < (crashes ? 10U : 5U); ++i) results.push_back(result_of(second[i]));
    auto kept = store->complete(std::move(results));
    expect_trouble(*store, "is away");
    EXPECT_EQ(store->status(batch).error().code, Code::kUnavailable);
    EXPECT_EQ(store->create(some_batch(1)).error().code, Code::kUnavailable);
    EXPECT_EQ(store->expire().error().code, Code::kUnavailable);
    EXPECT_TRUE(store->claim(1, endless_room)->empty());
    EXPECT_EQ(store->counts().unwritten_results, 5U);
    EXPECT_FALSE(is_done(kept));
    server_->start();
    EXPECT_EQ(kept.get(), std::vector(5, Completion::kKept));
    expect_well(*store);
    EXPECT_TRUE(eventually([&] { return told > 0; }));
  }
  complete(*store, claim_all(*store));
  EXPECT_TRUE(store->status(batch)->ended());
  EXPECT_EQ(all_results(*store, batch).size(), 50U);
}

TEST_F(RedisOnDiskTest, TheLivingKeepWhatTheyHaveClaimedThoughRedisWasAwayForLongerThanTheirLease) {
  lease_ = 2s;
  const auto one = machine();
  const auto two = machine();
  create(*one, some_batch(3));
  ASSERT_EQ(claim(*one, 3).size(), 3U);
  const auto claimed_at = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_TRUE(eventually([&] { return std::chrono::steady_clock::now() - claimed_at > lease_; }));
  server_->start();
  one->renew_leases();  // too early, perhaps
  expect_well(*one);
  expect_well(*two);
  two->renew_leases();
  one->renew_leases();
  EXPECT_EQ(one->counts().claimed_items, 3U);
  EXPECT_TRUE(claim(*two, 3).empty());
}

TEST_F(RedisOnDiskTest, WhatWasGivenBackWhileRedisWasAwayWaitsAgain) {
  const auto store = machine();
  create(*store, some_batch(3));
  const auto claims = claim(*store, 2);
  server_->stop();
  store->give_back(std::vector{key_of(claims[0])});
  expect_trouble(*store, "is away");
  EXPECT_EQ(store->counts().claimed_items, 1U);
  server_->start();
  expect_well(*store);
  EXPECT_EQ(claim_all(*store).size(), 2U);
}

TEST_F(RedisTroubleTest, AStoreWhoseRedisIsNotThereYetBeginsWhenItIs) {
  server_->stop();
  const auto store = machine();
  expect_trouble(*store, "is away");
  server_->start();
  expect_well(*store);
  std::atomic<std::uint32_t> heard = 0;
  store->set_on_results([&](const NewResults& news) { heard = news.status.done; });
  const auto other = machine();
  const std::string batch = create(*other, some_batch(1));
  ASSERT_TRUE(store->status(batch));  // from here on it wants to hear of it
  complete(*other, claim(*other, 1));
  EXPECT_TRUE(eventually([&] { return heard == 1; }));
}

TEST_F(RedisTroubleTest, ARedisThatHangsIsAway) {
  const auto store = make_redis_store({.address = server_->address(),
                                       .limits = {},
                                       .calendar = calendar_.calendar(),
                                       .patience = {.connect = 300ms, .answer = 300ms}});
  const std::string batch = create(*store, some_batch(1));
  server_->signal(SIGSTOP);
  EXPECT_EQ(store->status(batch).error().code, Code::kUnavailable);
  expect_trouble(*store, "does not answer");
  server_->signal(SIGCONT);
  expect_well(*store);
  EXPECT_TRUE(store->status(batch));
}

TEST_F(RedisTroubleTest, AFullRedisKeepsNothingAndIsReadUntilThereIsRoom) {
  const auto store = machine();
  const std::string batch = create(*store, some_batch(3));
  const std::string old = create(*store, some_batch(0));
  const auto claims = claim(*store, 2);
  std::atomic<int> told = 0;
  store->set_on_work([&] { ++told; });
  server_->command({"CONFIG", "SET", "maxmemory", "1mb"});
  const auto refused = store->create(some_batch(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  expect_trouble(*store, "is full");
  EXPECT_EQ(store->status(batch)->done, 0U);
  EXPECT_TRUE(store->claim(1, endless_room)->empty());
  auto kept = store->complete({result_of(claims[0])});
  calendar_.advance(24h);
  EXPECT_TRUE(store->expire() || store->trouble());
  EXPECT_EQ(store->status(old).error().code, Code::kExpired);  // that makes room
  EXPECT_FALSE(is_done(kept));
  EXPECT_TRUE(store->trouble());
  told = 0;
  server_->command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(kept.get(), std::vector{Completion::kKept});
  expect_well(*store);
  EXPECT_TRUE(eventually([&] { return told > 0; }));
  EXPECT_TRUE(store->create(some_batch(1)));
}

TEST_F(RedisTroubleTest, AReplicaIsReadOnly) {
  const auto store = machine();
  const std::string batch = create(*store, some_batch(1));
  server_->command({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_EQ(store->create(some_batch(1)).error().code, Code::kUnavailable);
  expect_trouble(*store, "replica");
  EXPECT_TRUE(store->status(batch));
  server_->command({"REPLICAOF", "NO", "ONE"});
  expect_well(*store);
  EXPECT_TRUE(store->create(some_batch(1)));
}

TEST_F(RedisTroubleTest, AUserNeedsItsPasswordAndNoMoreThanItsOwnKeys) {
  const std::vector<std::string> rights = {"~curlew:*",     "+@read",       "+@write", "+@scripting",
                                           "+@transaction", "+@connection", "+time",   "+info"};
  std::vector<std::string> set_user = {"ACL", "SETUSER", "curlew", "on", ">right: 100%"};
  set_user.insert(set_user.end(), rights.begin(), rights.end());
  server_->command(set_user);
  RedisAddress address = server_->address();
  address.user = "curlew";
  address.password = "wrong: 100%";
  const auto store = machine_at(address);
  expect_trouble(*store, "does not know this user and password");
  EXPECT_THAT(store->trouble().value_or(StoreError{}).message, Not(HasSubstr("100%")));
  EXPECT_EQ(store->create(some_batch(1)).error().code, Code::kUnavailable);
  server_->command({"ACL", "SETUSER", "curlew", ">wrong: 100%"});
  expect_well(*store);
  const std::string batch = create(*store, some_batch(1001));
  const auto claims = claim(*store, 2);
  store->give_back(std::vector{key_of(claims[0])});
  store->renew_leases();
  complete(*store, {claims[1]});
  EXPECT_EQ(store->cancel(batch)->done, 1001U);
  calendar_.advance(24h);
  EXPECT_EQ(*store->expire(), 1U);
  EXPECT_FALSE(store->trouble());
}

TEST_F(RedisTroubleTest, APasswordWithoutAUserIsTheDefaultUsers) {
  server_->command({"CONFIG", "SET", "requirepass", "secret"});
  RedisAddress address = server_->address();
  expect_trouble(*machine(), "wants a password");
  address.password = "secret";
  address.database = 3;
  const auto store = machine_at(address);
  EXPECT_FALSE(store->trouble());
  create(*store, some_batch(1));
  EXPECT_EQ(machine_at(address)->counts().waiting_items, 1U);
  address.database = 2;
  EXPECT_EQ(machine_at(address)->counts().waiting_items, 0U);
}

TEST_F(RedisTroubleTest, WhatAnotherVersionHasKeptIsLeftAlone) {
  server_->command({"SET", "curlew:format", "99"});
  const auto store = machine();
  expect_trouble(*store, "format 99");
  EXPECT_EQ(store->create(some_batch(1)).error().code, Code::kUnavailable);
  EXPECT_EQ(server_->command({"EXISTS", "curlew:turns"}).number(), 0);
  server_->command({"DEL", "curlew:format"});
  expect_well(*store);
}

}  // namespace
}  // namespace curlew::testing_store
