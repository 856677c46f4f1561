#include "curlew/http/turns.hpp"

#include <gtest/gtest.h>

#include <string>

namespace curlew {
namespace {

/// What an event loop does: first come, first run.
class Loop {
 public:
  void post(std::function<void()> work) { waiting_.push_back(std::move(work)); }
  void run() {
    while (!waiting_.empty()) {
      const auto work = std::move(waiting_.front());
      waiting_.pop_front();
      work();
    }
  }

 private:
  std::deque<std::function<void()>> waiting_;
};

TEST(Turns, LetOthersWorkBetweenTwoSteps) {
  Loop loop;
  Turns turns([&](Turns::Step step) { loop.post(std::move(step)); });
  std::string done;
  for (const char name : {'a', 'b', 'c'}) {
    turns.ask([&done, &loop, name] {
      done += name;
      loop.post([&done] { done += '.'; });
    });
  }
  EXPECT_EQ(done, "") << "a turn is not taken while it is asked for";
  loop.run();
  EXPECT_EQ(done, "a.b.c.");
}

TEST(Turns, GoOnForWhoAsksAgain) {
  Loop loop;
  Turns turns([&](Turns::Step step) { loop.post(std::move(step)); });
  std::string done;
  turns.ask([&] {
    done += '1';
    turns.ask([&] { done += '3'; });
  });
  turns.ask([&] { done += '2'; });
  loop.run();
  turns.ask([&] { done += '4'; });
  loop.run();
  EXPECT_EQ(done, "1234");
}

}  // namespace
}  // namespace curlew
