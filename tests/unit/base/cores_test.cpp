#include "curlew/base/cores.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

TEST(Cores, QuotaOfCpuMax) {
  EXPECT_DOUBLE_EQ(cores_of_cpu_max("200000 100000\n").value(), 2.0);
  EXPECT_DOUBLE_EQ(cores_of_cpu_max("50000 100000\n").value(), 0.5);
  EXPECT_FALSE(cores_of_cpu_max("max 100000\n"));
  EXPECT_FALSE(cores_of_cpu_max(""));
  EXPECT_FALSE(cores_of_cpu_max("100000"));
  EXPECT_FALSE(cores_of_cpu_max("-1 100000"));
  EXPECT_FALSE(cores_of_cpu_max("100000 0"));
}

TEST(Cores, PathOfTheOwnCgroup) {
  constexpr const char* kHybrid = "12:cpu,cpuacct:/docker/abc\n3:memory:/m\n0::/user.slice/x\n";
  EXPECT_EQ(cgroup_path(kHybrid, ""), "/user.slice/x");
  EXPECT_EQ(cgroup_path(kHybrid, "cpu"), "/docker/abc");
  EXPECT_EQ(cgroup_path(kHybrid, "cpuacct"), "/docker/abc");
  EXPECT_FALSE(cgroup_path(kHybrid, "pids"));
  EXPECT_FALSE(cgroup_path("", ""));
  EXPECT_FALSE(cgroup_path("nonsense\n:\n", ""));
  EXPECT_EQ(cgroup_path("0::/last line without an end", ""), "/last line without an end");
}

TEST(Cores, AtLeastOneIsUsable) { EXPECT_GE(usable_cores(), 1); }

}  // namespace
}  // namespace curlew
