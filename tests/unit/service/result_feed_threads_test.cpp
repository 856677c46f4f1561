// Many threads complete items while several feeds read: each sees each result once, in order. Run it with the thread
// sanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "unit/service/feed_collector.hpp"
#include "unit/service/service_fakes.hpp"

namespace curlew {
namespace {

using fakes::Collector;
using fakes::from_to;

/// A taker that is full now and then, and has room again on another thread.
class MoodyClient {
 public:
  explicit MoodyClient(std::uint32_t seed)
      : random_(seed),
        collector_([this](const KeptResult&) { return takes_more(); }),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}
  ~MoodyClient() {
    thread_.request_stop();
    thread_.join();
  }

  void follow(JobStore& store, BatchNews& news, const std::string& batch, std::uint32_t after) {
    const auto feed = ResultFeed::make(store, news, batch, after, collector_.taker());
    {
      const std::scoped_lock lock(mutex_);
      feed_ = feed;
    }
    feed->start();
  }
  Collector& collector() { return collector_; }

 private:
  bool takes_more() {
    const std::scoped_lock lock(mutex_);
    if (random_() % 4 != 0) return true;
    full_ = true;
    changed_.notify_all();
    return false;
  }
  void run(const std::stop_token& stop) {
    for (;;) {
      std::shared_ptr<ResultFeed> feed;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return full_; })) return;
        full_ = false;
        feed = feed_.lock();
      }
      if (feed) feed->resume();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::minstd_rand random_;
  bool full_ = false;
  std::weak_ptr<ResultFeed> feed_;
  Collector collector_;
  std::jthread thread_;
};

TEST(ResultFeedThreads, EachFeedSeesEachResultOnceAndInOrder) {
  constexpr std::uint32_t kItems = 400;
  constexpr int kThreads = 4;
  constexpr std::uint32_t kClients = 5;
  for (std::uint32_t round = 0; round < 10; ++round) {
    const auto store = make_memory_store(StoreLimits{});
    BatchNews news;
    store->set_on_results([&](const NewResults& fresh) { news.tell(fresh.status); });
    const auto batch = fakes::create(*store, kItems);
    std::vector<std::unique_ptr<MoodyClient>> clients;
    for (std::uint32_t i = 0; i < kClients; ++i) clients.push_back(std::make_unique<MoodyClient>(100 * round + i + 1));
    std::atomic<std::uint32_t> next = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
          for (auto index = next++; index < kItems; index = next++) fakes::complete(*store, batch, index);
        });
      }
      // Each comes at another time, and after another place.
      for (std::uint32_t i = 0; i < kClients; ++i) clients[i]->follow(*store, news, batch, 20 * i);
    }
    for (std::uint32_t i = 0; i < kClients; ++i) {
      EXPECT_EQ(clients[i]->collector().end(), "ended");
      EXPECT_EQ(clients[i]->collector().sequences(), from_to(20 * i + 1, kItems)) << "client " << i;
    }
    store->set_on_results({});
    news.wait_until_nobody_listens(now() + std::chrono::hours(1));
  }
}

TEST(ResultFeedThreads, AFeedThatIsStoppedWheneverIsFreed) {
  for (std::uint32_t round = 0; round < 200; ++round) {
    const auto store = make_memory_store(StoreLimits{});
    std::weak_ptr<ResultFeed> weak;
    {
      BatchNews news;
      store->set_on_results([&](const NewResults& fresh) { news.tell(fresh.status); });
      const auto batch = fakes::create(*store, 8);
      Collector all;
      auto feed = ResultFeed::make(*store, news, batch, 0, all.taker());
      weak = feed;
      {
        const std::jthread completing([&] {
          for (std::uint32_t i = 0; i < 8; ++i) fakes::complete(*store, batch, i);
        });
        const std::jthread starting([&] { feed->start(); });
        if (round % 2 == 0) {
          const std::jthread stopping([&] { feed->stop(); });
        }
      }
      feed.reset();
      news.wait_until_nobody_listens(now() + std::chrono::hours(1));
      EXPECT_EQ(news.listeners(), 0U) << "whether it ended before it had subscribed, or was stopped before it began";
      store->set_on_results({});
    }
    EXPECT_TRUE(weak.expired()) << round;
  }
}

}  // namespace
}  // namespace curlew
