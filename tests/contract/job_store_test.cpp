// What every JobStore does with batches and claims; job_store_results_test.cpp has the rest.
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
#include "curlew/core/url.hpp"
#include "curlew/store/uuid_v7.hpp"

namespace curlew::testing_store {
namespace {

using namespace std::chrono_literals;
using Code = StoreError::Code;
using Phase = BatchStatus::Phase;

// Of the tests of job_store_results_test.cpp, too.
INSTANTIATE_TEST_SUITE_P(Of, JobStoreContract, testing::ValuesIn(kinds()),
                         [](const auto& parameter) { return parameter.param.name; });

// ---- batches ----

TEST_P(JobStoreContract, ABatchIsFoundAsItWasCreated) {
  const BatchOptions options{
      .task = Task::kDetect, .model = "coco", .top = 7, .threshold = 0.1F, .thumbnail = true, .publisher = "run 1"};
  const auto created = store().create({.items = some_items(3), .options = options, .idempotency = std::nullopt});
  ASSERT_TRUE(created);
  EXPECT_TRUE(created->is_new);
  EXPECT_TRUE(is_uuid_v7(created->status.id));
  for (const BatchStatus& seen : {created->status, status(created->status.id)}) {
    EXPECT_EQ(seen.id, created->status.id);
    EXPECT_EQ(seen.options, options);
    EXPECT_EQ(seen.phase, Phase::kQueued);
    EXPECT_EQ(seen.total, 3U);
    EXPECT_EQ(seen.done, 0U);
    EXPECT_EQ(seen.created_at, calendar_.now());
    EXPECT_EQ(seen.expires_at, calendar_.now() + 24h);
    EXPECT_FALSE(seen.ended_at);
    EXPECT_FALSE(seen.ended());
  }
}

TEST_P(JobStoreContract, PicturesThatComeWithABatchComeWithTheirClaimsAndAgainWhenTheyWereGivenBack) {
  NewBatch batch = pictured_batch({"one", "", "three"});
  batch.items.push_back(some_items(1).front());
  if (!GetParam().keeps_pictures) {
    EXPECT_EQ(store().create(batch).error().code, Code::kNoPictures);
    return;
  }
  create(batch);
  const RoomOf no_room = [](const std::string&) { return 0U; };
  const auto claims = store().claim(4, no_room);
  ASSERT_TRUE(claims);
  ASSERT_EQ(claims->size(), 3U) << "they need no room of any origin";
  EXPECT_EQ(picture_of(claims->at(0)), "one");
  EXPECT_EQ(picture_of(claims->at(1)), "");
  EXPECT_EQ(claims->at(2).item.text, "https://birds.test/2.jpg") << "a name, whatever it looks like";
  store().give_back(std::vector{key_of(claims->at(2))});
  const auto again = claim(2);
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(picture_of(again[0]), "three");
  EXPECT_EQ(picture_of(again[1]), "none");
}

TEST_P(JobStoreContract, AnUnknownBatchIsNotFound) {
  for (const std::string id : {"", "nonsense", "01890a5d-ac96-774b-bcce-b302099a8057"}) {
    EXPECT_EQ(error_of(id), Code::kNotFound);
    EXPECT_EQ(store().results(id, 0, 10).error().code, Code::kNotFound);
    EXPECT_EQ(store().cancel(id).error().code, Code::kNotFound);
  }
}

TEST_P(JobStoreContract, AnEmptyBatchHasEndedAtOnce) {
  const BatchStatus seen = status(create(some_batch(0)));
  EXPECT_EQ(seen.phase, Phase::kDone);
  EXPECT_TRUE(seen.ended());
  EXPECT_EQ(seen.ended_at, calendar_.now());
  EXPECT_TRUE(claim(1).empty());
  EXPECT_EQ(store().cancel(seen.id)->phase, Phase::kDone);
}

TEST_P(JobStoreContract, PhasesAndCountsFollowTheItems) {
  const std::string batch = create(some_batch(3));
  const auto claims = claim(3);
  EXPECT_EQ(status(batch).phase, Phase::kRunning);
  complete_all({claims[0]});
  ItemResult failed = result_of(claims[1]);
  failed.outcome = make_http_status_error(404);
  complete({failed});
  EXPECT_EQ(status(batch).phase, Phase::kRunning);
  EXPECT_EQ(status(batch).done, 2U);
  EXPECT_EQ(status(batch).failed, 1U);
  EXPECT_FALSE(status(batch).ended_at);
  calendar_.advance(5s);
  complete_all({claims[2]});
  EXPECT_EQ(status(batch).phase, Phase::kDone);
  EXPECT_EQ(status(batch).done, 3U);
  EXPECT_EQ(status(batch).failed, 1U);
  EXPECT_EQ(status(batch).ended_at, calendar_.now());
}

TEST_P(JobStoreContract, MoreItemsThanMayBeOpenAreRefusedUntilOthersEnd) {
  limits_.queue_items = 10;
  EXPECT_EQ(store().create(some_batch(11)).error().code, Code::kFull);
  create(some_batch(8));
  const auto claims = claim(2);  // claimed ones are open, too
  EXPECT_EQ(store().create(some_batch(3)).error().code, Code::kFull);
  complete_all({claims[0]});
  EXPECT_TRUE(store().create(some_batch(3)));
  EXPECT_EQ(store().counts().waiting_items, 9U);
}

TEST_P(JobStoreContract, CountsSayWhatWaitsAndWhatIsClaimed) {
  create(some_batch(5));
  create(some_batch(2));
  const auto claims = claim(3);
  EXPECT_EQ(store().counts().open_batches, 2U);
  EXPECT_EQ(store().counts().waiting_items, 4U);
  EXPECT_EQ(store().counts().claimed_items, 3U);
  complete_all(claims);
  complete_all(claim_all(store()));
  EXPECT_EQ(store().counts().open_batches, 0U);
  EXPECT_EQ(store().counts().waiting_items, 0U);
  EXPECT_EQ(store().counts().claimed_items, 0U);
  EXPECT_TRUE(eventually([&] { return store().counts().unwritten_results == 0; }));
}

// ---- idempotency ----

TEST_P(JobStoreContract, TheSameRequestBringsTheSameBatchThoughTheStoreIsFull) {
  limits_.queue_items = 2;
  const std::string key("client 1\0'key'", 14);
  const std::string batch = create(keyed(key, "print"));
  const auto again = store().create(keyed(key, "print"));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->status.id, batch);
  EXPECT_EQ(claim_all(store()).size(), 2U);
  EXPECT_EQ(store().create(keyed("client 2", "print")).error().code, Code::kFull);
  EXPECT_EQ(store().create(keyed(key, "print"))->status.phase, Phase::kRunning);
}

TEST_P(JobStoreContract, AKeyOfAnotherRequestIsRefused) {
  create(keyed("key", "one"));
  EXPECT_EQ(store().create(keyed("key", "two")).error().code, Code::kKeyReused);
  EXPECT_EQ(store().counts().open_batches, 1U);
}

TEST_P(JobStoreContract, ARequestSentManyTimesAtOnceMakesOneBatch) {
  store();
  std::mutex mutex;
  std::set<std::string> ids;
  int made = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        const auto created = store().create(keyed("key", "print"));
        const std::scoped_lock lock(mutex);
        if (created) {
          ids.insert(created->status.id);
          made += created->is_new ? 1 : 0;
        } else {
          EXPECT_EQ(created.error().code, Code::kKeyInFlight);
        }
      });
    }
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(store().counts().open_batches, 1U);
}

// ---- claiming ----

TEST_P(JobStoreContract, AClaimCarriesAllThatThePipelineNeeds) {
  NewBatch batch{.items = {{.text = " HTTPS://Birds.test/a b.jpg ", .problem = {}},
                           {.text = std::string("ftp://\xff\0x", 9), .problem = {}},
                           {.text = "https://birds.test/ok", .problem = "a row of two cells"}},
                 .options = {.task = Task::kDetect, .model = "coco", .top = 9, .threshold = 0.3F, .thumbnail = true},
                 .idempotency = std::nullopt};
  const TimePoint before = now();
  const std::string id = create(batch);
  const auto claims = claim(3);
  ASSERT_EQ(claims.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(claims[i].task, Task::kDetect);
    const Item& item = claims[i].item;
    EXPECT_EQ(item.batch, id);
    EXPECT_EQ(item.index, i);
    EXPECT_EQ(item.text, batch.items[i].text);
    EXPECT_EQ(item.model, "coco");
    EXPECT_EQ(item.top, 9);
    EXPECT_EQ(item.threshold, 0.3F);
    EXPECT_TRUE(item.thumbnail);
    EXPECT_GE(item.accepted_at, before);
    EXPECT_LE(item.accepted_at, now());
  }
  EXPECT_EQ(std::get<Url>(claims[0].item.source).text(), "https://birds.test:443/a%20b.jpg");
  EXPECT_EQ(std::get<Error>(claims[1].item.source).code, ErrorCode::kUrlInvalid);
  EXPECT_EQ(std::get<Error>(claims[2].item.source).message, "a row of two cells");
}

TEST_P(JobStoreContract, ThumbnailsAreMadeAndKeptOfTheBatchThatAskedForThem) {
  NewBatch asks = some_batch(2, "https://asks.test");
  asks.options.thumbnail = true;
  const std::string with = create(asks);
  const std::string without = create(some_batch(2, "https://plain.test"));
  const std::string jpeg = std::string("\xff\xd8\0", 3) + std::string(24 * 1024 - 3, '\x7f');  // of the largest
  for (const Claim& claim : claim_all(store())) {
    EXPECT_EQ(claim.item.thumbnail, claim.item.batch == with);
    ItemResult result = result_of(claim);
    if (claim.item.thumbnail) std::get<Success>(result.outcome).image.thumbnail = jpeg;
    complete({result});
  }
  EXPECT_TRUE(status(with).options.thumbnail);
  EXPECT_FALSE(status(without).options.thumbnail);
  for (const std::string& batch : {with, without}) {
    const auto results = all_results(store(), batch);
    ASSERT_EQ(results.size(), 2U);
    for (const KeptResult& kept : results) {
      EXPECT_EQ(std::get<Success>(kept.result.outcome).image.thumbnail, batch == with ? jpeg : "");
    }
  }
}

TEST_P(JobStoreContract, WithinABatchTheOrderIsTheLists) {
  create(some_batch(50));
  const auto claims = claim_all(store());
  ASSERT_EQ(claims.size(), 50U);
  for (std::size_t i = 0; i < claims.size(); ++i) EXPECT_EQ(claims[i].item.index, i);
}

TEST_P(JobStoreContract, ABatchOfOneIsClaimedAtOnceThoughOneOfTenThousandCameBefore) {
  create(some_batch(10000));
  for (int i = 0; i < 100; ++i) claim(1);
  const std::string small = create(some_batch(1));
  const auto claims = claim(2);
  EXPECT_TRUE(std::ranges::any_of(claims, [&](const Claim& claim) { return claim.item.batch == small; }));
}

TEST_P(JobStoreContract, BatchesTakeTurnsItemByItem) {
  const std::vector<std::string> batches = {create(some_batch(30)), create(some_batch(30)), create(some_batch(30))};
  std::map<std::string, int> seen;
  for (const Claim& claim : claim(30)) ++seen[claim.item.batch];
  for (const std::string& batch : batches) EXPECT_EQ(seen[batch], 10);
}

TEST_P(JobStoreContract, ItemsOfAnOriginWithoutRoomArePassedByAndComeLater) {
  NewBatch mixed = some_batch(6, "https://slow.test");
  for (const NewItem& item : some_items(2, "https://quick.test")) mixed.items.push_back(item);
  mixed.items.push_back({.text = "no URL", .problem = {}});
  create(mixed);
  create(some_batch(1, "https://slow.test"));
  std::size_t room = 2;
  const RoomOf room_of = [&](const std::string& origin) { return origin == "https://slow.test:443" ? room : 100; };
  std::vector<Claim> first = *store().claim(100, room_of);
  std::map<std::string, int> seen;
  for (const Claim& claim : first) ++seen[claim.item.text.substr(0, 10)];
  EXPECT_EQ(seen["https://sl"], 2);
  EXPECT_EQ(seen["https://qu"], 2);
  EXPECT_EQ(seen["no URL"], 1);
  room = 0;
  EXPECT_TRUE(store().claim(100, room_of)->empty());
  room = 1;
  EXPECT_EQ(store().claim(100, room_of)->size(), 1U);
  room = 100;
  EXPECT_EQ(store().claim(100, room_of)->size(), 4U);
}

TEST_P(JobStoreContract, WhatIsGivenBackIsClaimedAgainInItsPlace) {
  const std::string batch = create(some_batch(5));
  const auto claims = claim(3);
  const std::vector<ItemKey> back = {key_of(claims[2]), key_of(claims[0])};
  store().give_back(back);
  store().give_back(back);  // a second time: nothing
  store().give_back(std::vector<ItemKey>{{.batch = batch, .index = 4}, {.batch = "none", .index = 0}});
  EXPECT_EQ(store().counts().waiting_items, 4U);
  std::vector<std::uint32_t> order;
  for (const Claim& claim : claim_all(store())) order.push_back(claim.item.index);
  EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 2, 3, 4}));
}

}  // namespace
}  // namespace curlew::testing_store
