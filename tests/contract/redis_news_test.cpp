// What machines around one Redis hear of each other.
#include "curlew/store/redis_news.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "contract/job_store_fixture.hpp"
#include "contract/redis_fixture.hpp"
#include "curlew/store/redis_health.hpp"
#include "curlew/store/redis_keys.hpp"
#include "curlew/store/redis_pool.hpp"
#include "curlew/store/redis_store.hpp"

namespace curlew::testing_store {
namespace {

TEST_F(RedisStoreTest, OthersHearOfResultsAndOfWork) {
  const auto worker = machine();
  const auto api = machine();
  std::mutex mutex;
  std::vector<NewResults> heard;
  api->set_on_results([&](const NewResults& news) {
    const std::scoped_lock lock(mutex);
    heard.push_back(news);
  });
  std::atomic<int> told = 0;
  worker->set_on_work([&] { ++told; });
  const std::string batch = create(*api, some_batch(3));
  EXPECT_TRUE(eventually([&] { return told > 0; }));
  complete(*worker, claim(*worker, 2));
  const auto last_is = [&](std::uint32_t done) {
    const std::scoped_lock lock(mutex);
    return !heard.empty() && heard.back().status.done == done;
  };
  EXPECT_TRUE(eventually([&] { return last_is(2); }));
  complete(*worker, claim(*worker, 1));
  EXPECT_TRUE(eventually([&] { return last_is(3); }));
  const std::scoped_lock lock(mutex);
  for (const NewResults& news : heard) {
    EXPECT_EQ(news.status.id, batch);
    EXPECT_TRUE(news.results.empty());
  }
  EXPECT_TRUE(heard.back().status.ended());
}

TEST_F(RedisStoreTest, WhatHappenedWhileNobodyListenedIsToldLater) {
  const auto worker = machine();
  const auto api = machine();
  std::mutex mutex;
  std::map<std::string, std::uint32_t> done;
  api->set_on_results([&](const NewResults& news) {
    const std::scoped_lock lock(mutex);
    EXPECT_GE(news.status.done, done[news.status.id]);
    done[news.status.id] = news.status.done;
  });
  const auto has_heard = [&](const std::string& batch, std::uint32_t results) {
    return eventually([&] {
      const std::scoped_lock lock(mutex);
      return done[batch] == results;
    });
  };
  const std::string batch = create(*api, some_batch(60));
  for (std::size_t kept = 0; kept < 60;) {
    cut();
    const auto claims = worker->claim(1, endless_room);  // nothing, where the worker has noticed
    if (claims) kept += complete(*worker, *claims).size();
  }
  EXPECT_TRUE(has_heard(batch, 60));
}

TEST_F(RedisStoreTest, NewsThatAreMissingShowInTheirNumbers) {
  RedisHealth health([] {});
  RedisPool pool(server_->address(), {}, health);
  std::mutex mutex;
  std::string heard;
  const auto note = [&](const std::string& what) {
    const std::scoped_lock lock(mutex);
    heard += what;
  };
  const RedisNews news(pool, health, RedisKeys("x:"), "me",
                       {.work = [&] { note(" work"); },
                        .results =
                            [&](const std::vector<std::string>& batches) {
                              for (const std::string& batch : batches) note(" " + batch);
                            },
                        .missed = [&] { note(" missed"); }});
  int said = 0;
  const auto say = [&](const std::string& number, const std::string& what, const std::string& batch,
                       const std::string& by, const std::string& all) {
    server_->command({"XADD", "x:news:" + what, std::to_string(++said) + "-0", "n", number, "batch", batch, "by", by});
    EXPECT_TRUE(eventually([&] {
      const std::scoped_lock lock(mutex);
      return heard == all;
    })) << heard;
  };
  say("1", "results", "a", "other", " a");
  say("2", "results", "b", "me", " a");
  say("1", "work", "b", "", " a work");
  say("4", "results", "c", "other", " a work missed");
  say("5", "results", "d", "other", " a work missed d");
  cut();
  say("6", "results", "e", "other", " a work missed d e");
  say("2", "work", "e", "", " a work missed d e work");
  server_->command({"DEL", "x:news:work"});
  say("1", "work", "f", "", " a work missed d e work missed");
}

TEST_F(RedisStoreTest, WhoDoesNotHearOfOthersStillHearsOfItselfAndOfWork) {
  const auto api = machine();
  auto options = options_at(server_->address());
  options.hears_others = false;
  const auto deaf = make_redis_store(options);
  std::atomic<std::uint32_t> heard = 0;
  std::atomic<int> work = 0;
  std::atomic<int> of_others = 0;
  deaf->set_on_results([&](const NewResults& news) {
    heard += static_cast<std::uint32_t>(news.results.size());
    if (news.results.empty()) ++of_others;
  });
  deaf->set_on_work([&] { ++work; });
  EXPECT_TRUE(claim(*deaf, 1).empty());
  create(*api, some_batch(3));
  EXPECT_TRUE(eventually([&] { return work > 0; }));
  complete(*api, claim(*api, 1));
  complete(*deaf, claim(*deaf, 2));
  EXPECT_EQ(heard, 2U);
  const int before = work;
  create(*api, some_batch(1));
  EXPECT_TRUE(eventually([&] { return work > before; })) << "what was told before that has been heard";
  EXPECT_EQ(of_others, 0);
}

TEST_F(RedisStoreTest, WhereNothingWaitsRedisIsNotAskedAgainBeforeThereIsASignOfWork) {
  const auto one = machine();
  const auto two = machine();
  const auto calls = [&] {
    const std::string stats = server_->command({"INFO", "commandstats"}).string();
    const auto at = stats.find("cmdstat_evalsha:calls=");
    return at == std::string::npos ? 0
                                   : std::stoi(stats.substr(at + std::string_view("cmdstat_evalsha:calls=").size()));
  };
  EXPECT_TRUE(claim(*two, 1).empty());
  const int before = calls();
  EXPECT_TRUE(claim(*two, 1).empty());
  EXPECT_TRUE(claim(*two, 1).empty());
  EXPECT_EQ(calls(), before);
  create(*one, some_batch(2));
  EXPECT_TRUE(eventually([&] { return claim(*two, 1).size() == 1; }));
  EXPECT_EQ(claim(*one, 1).size(), 1U);
  two->give_back(std::vector{ItemKey{.batch = "none", .index = 0}});
  EXPECT_TRUE(claim(*two, 1).empty());
}

}  // namespace
}  // namespace curlew::testing_store
