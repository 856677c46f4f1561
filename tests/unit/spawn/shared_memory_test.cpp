#include "curlew/spawn/shared_memory.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <system_error>
#include <utility>

namespace curlew {
namespace {

UniqueFd again(const SharedMemory& memory) { return UniqueFd(fcntl(memory.fd(), F_DUPFD_CLOEXEC, 0)); }

TEST(SharedMemory, IsSeenByBothSides) {
  const auto one = SharedMemory::create(10'000);
  const auto other = SharedMemory::open(again(one), 10'000);
  ASSERT_EQ(other.bytes().size(), 10'000U);
  EXPECT_EQ(other.bytes().front(), std::byte{0});
  one.bytes()[9'999] = std::byte{42};
  EXPECT_EQ(other.bytes().back(), std::byte{42});
}

TEST(SharedMemory, KeepsItsSizeWhateverTheOtherSideTries) {
  const auto memory = SharedMemory::create(10'000);
  EXPECT_NE(ftruncate(memory.fd(), 0), 0);
  EXPECT_NE(ftruncate(memory.fd(), 20'000), 0);
  EXPECT_NE(fcntl(memory.fd(), F_ADD_SEALS, F_SEAL_WRITE), 0);
  memory.bytes()[9'999] = std::byte{1};  // would be a SIGBUS had it shrunk
}

TEST(SharedMemory, IsNotTakenInAnotherSizeOrUnsealed) {
  const auto memory = SharedMemory::create(10'000);
  EXPECT_THROW(SharedMemory::open(again(memory), 20'000), std::system_error);
  UniqueFd unsealed(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(ftruncate(unsealed.get(), 10'000), 0);
  EXPECT_THROW(SharedMemory::open(std::move(unsealed), 10'000), std::system_error);
}

TEST(SharedMemory, MovesWithItsPages) {
  auto one = SharedMemory::create(100);
  one.bytes()[0] = std::byte{5};
  SharedMemory other(std::move(one));
  EXPECT_EQ(other.bytes()[0], std::byte{5});
  SharedMemory third;
  third = std::move(other);
  EXPECT_EQ(third.bytes()[0], std::byte{5});
}

}  // namespace
}  // namespace curlew
