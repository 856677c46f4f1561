#include "curlew/base/thread.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <stop_token>

namespace curlew {
namespace {

int steps() { return getpriority(PRIO_PROCESS, 0); }

TEST(GiveWay, LowersTheThreadAndThoseThatItStartsButNoOther) {
  const int before = steps();
  int own = before;
  int started = before;
  {
    const auto thread = start_thread("gives way", [&](const std::stop_token&) {
      give_way();
      own = steps();
      const auto inner = start_thread("inner", [&](const std::stop_token&) { started = steps(); });
    });
  }
  EXPECT_GT(own, before);
  EXPECT_EQ(started, own);
  EXPECT_EQ(steps(), before);
}

}  // namespace
}  // namespace curlew
