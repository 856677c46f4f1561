#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "curlew/base/bounded_queue.hpp"
#include "curlew/base/fair_queue.hpp"

namespace curlew {
namespace {

TEST(BoundedQueue, KeepsTheOrderAndEndsWhenClosedAndEmpty) {
  BoundedQueue<std::unique_ptr<int>> queue(3);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
  EXPECT_TRUE(queue.push(std::make_unique<int>(2)));
  queue.close();
  EXPECT_FALSE(queue.push(std::make_unique<int>(3)));
  EXPECT_EQ(**queue.pop(), 1);
  EXPECT_EQ(**queue.pop(), 2);
  EXPECT_FALSE(queue.pop());
}

TEST(BoundedQueue, WaitsForRoomAndLosesNothingAmongThreads) {
  BoundedQueue<int> queue(2);
  std::multiset<int> seen;
  std::jthread reader([&] {
    while (auto value = queue.pop()) seen.insert(*value);
  });
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < 3; ++w) {
      writers.emplace_back([&, w] {
        for (int i = 0; i < 500; ++i) queue.push(w * 500 + i);
      });
    }
  }
  queue.close();
  reader.join();
  EXPECT_EQ(seen.size(), 1500U);
  EXPECT_EQ(std::set<int>(seen.begin(), seen.end()).size(), 1500U);
}

TEST(BoundedQueue, ClosingWakesWhoWaitsForRoom) {
  BoundedQueue<int> queue(1);
  queue.push(1);
  std::jthread closer([&] { queue.close(); });
  EXPECT_FALSE(queue.push(2));
}

TEST(FairQueue, GroupsTakeTurns) {
  FairQueue<std::string, int> queue;
  for (int i = 0; i < 4; ++i) queue.push("large", i);
  queue.push("small", 100);
  queue.push("other", 200);
  queue.push("other", 201);
  queue.close();
  std::vector<int> order;
  EXPECT_EQ(queue.size(), 7U);
  while (auto value = queue.pop()) order.push_back(*value);
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(order, (std::vector<int>{0, 100, 200, 1, 201, 2, 3}));
}

TEST(FairQueue, AGroupThatRanEmptyComesBackBehindTheOthers) {
  FairQueue<std::string, int> queue;
  queue.push("a", 1);
  queue.push("b", 10);
  EXPECT_EQ(queue.pop(), 1);
  queue.push("a", 2);
  EXPECT_EQ(queue.pop(), 10);
  EXPECT_EQ(queue.pop(), 2);
  queue.close();
  EXPECT_FALSE(queue.push("a", 3));
  EXPECT_FALSE(queue.pop());
}

}  // namespace
}  // namespace curlew
