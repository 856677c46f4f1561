#include "curlew/store/listener.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

namespace curlew {
namespace {

TEST(Listener, IsToldAndForgetsWhenTakenAway) {
  Listener<int> listener;
  int sum = 0;
  listener.tell(1);
  listener.set([&](int n) { sum += n; });
  listener.tell(2);
  listener.tell(3);
  listener.set({});
  listener.tell(4);
  EXPECT_EQ(sum, 5);
}

TEST(Listener, MayTakeItselfAway) {
  Listener<> listener;
  int told = 0;
  listener.set([&] {
    ++told;
    listener.set({});
  });
  listener.tell();
  listener.tell();
  EXPECT_EQ(told, 1);
}

TEST(Listener, IsNotRunningAnyMoreOnceTakenAway) {
  Listener<> listener;
  for (int round = 0; round < 20; ++round) {
    auto alive = std::make_unique<std::atomic<int>>(0);
    std::atomic<bool> has_begun = false;
    listener.set([&has_begun, target = alive.get()] {
      has_begun = true;
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();  // long enough to be overtaken
      ++*target;
    });
    const std::jthread teller([&] { listener.tell(); });
    while (!has_begun) std::this_thread::yield();
    listener.set({});
    EXPECT_EQ(*alive, 1);
    alive.reset();
  }
}

}  // namespace
}  // namespace curlew
