#include "curlew/base/process_usage.hpp"

#include <gtest/gtest.h>

#include <string>

namespace curlew {
namespace {

const std::string kAfterName = " S 1 2 3 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 5 0 12345 1000000 300";

TEST(ProcessUsage, ReadsTheResidentPages) {
  EXPECT_EQ(resident_bytes_of_statm("5000 1200 300 40 0 900 0\n", 4096), 1200.0 * 4096);
  EXPECT_FALSE(resident_bytes_of_statm("", 4096));
  EXPECT_FALSE(resident_bytes_of_statm("5000", 4096));
  EXPECT_FALSE(resident_bytes_of_statm("5000 many", 4096));
}

TEST(ProcessUsage, AddsUserAndSystemTime) {
  EXPECT_EQ(cpu_seconds_of_stat("42 (curlew)" + kAfterName, 100), 3.0);
  EXPECT_FALSE(cpu_seconds_of_stat("", 100));
  EXPECT_FALSE(cpu_seconds_of_stat("42 (curlew)", 100));
  EXPECT_FALSE(cpu_seconds_of_stat("42 (curlew) S 1 2", 100));
}

TEST(ProcessUsage, IsNotMisledByTheNameOfTheProgram) {
  EXPECT_EQ(cpu_seconds_of_stat("42 (a) S 1 (b c) 9)" + kAfterName, 100), 3.0);
}

TEST(ProcessUsage, KnowsThisProcess) {
  const auto memory = resident_memory_bytes();
  ASSERT_TRUE(memory);
  EXPECT_GT(*memory, 500e3);
  const auto before = cpu_seconds();
  ASSERT_TRUE(before);
  // Some ticks of work: the kernel counts in steps of 10 ms.
  volatile unsigned spent = 0;
  while (*cpu_seconds() < *before + 0.03) spent = spent + 1;
  EXPECT_GT(*cpu_seconds(), *before);
}

}  // namespace
}  // namespace curlew
