#include "curlew/service/errands.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <semaphore>
#include <stdexcept>

namespace curlew {
namespace {

TEST(Errands, AreDoneOnAnotherThread) {
  Errands errands(1, 1);
  std::promise<std::thread::id> done;
  ASSERT_TRUE(errands.run([&] { done.set_value(std::this_thread::get_id()); }));
  EXPECT_NE(done.get_future().get(), std::this_thread::get_id());
}

TEST(Errands, AreRefusedWhereTooManyWaitAndTakenAgainAfterwards) {
  std::counting_semaphore<> begun(0);
  std::counting_semaphore<> go_on(0);
  std::atomic<int> done = 0;
  Errands errands(2, 3);
  const auto errand = [&] {
    begun.release();
    go_on.acquire();
    ++done;
  };
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(errands.run(errand));
  for (int i = 0; i < 2; ++i) begun.acquire();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(errands.run(errand)) << i;
  EXPECT_FALSE(errands.run(errand));
  go_on.release();
  begun.acquire();
  EXPECT_TRUE(errands.run(errand)) << "one has been begun";
  go_on.release(5);
}

TEST(Errands, OneThatThrowsIsLoggedAndTheNextIsDone) {
  Errands errands(1, 2);
  std::promise<void> done;
  testing::internal::CaptureStderr();
  errands.run([] { throw std::runtime_error("an errand's bug"); });
  errands.run([&] { done.set_value(); });
  done.get_future().wait();
  EXPECT_NE(testing::internal::GetCapturedStderr().find("an errand's bug"), std::string::npos);
}

TEST(Errands, ThoseThatWaitAreDoneBeforeItGoes) {
  std::atomic<int> done = 0;
  std::binary_semaphore go_on(0);
  {
    Errands errands(1, 100);
    errands.run([&] { go_on.acquire(); });
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(errands.run([&] { ++done; }));
    EXPECT_EQ(done, 0);
    go_on.release();
  }
  EXPECT_EQ(done, 50);
}

}  // namespace
}  // namespace curlew
