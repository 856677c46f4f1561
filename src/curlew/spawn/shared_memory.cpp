#include "curlew/spawn/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace curlew {
namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

[[noreturn]] void fail(const char* doing) { throw std::system_error(errno, std::generic_category(), doing); }

}  // namespace

SharedMemory SharedMemory::create(ByteCount size) {
  UniqueFd fd(memfd_create("curlew", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.ok()) fail("shared memory");
  if (ftruncate(fd.get(), static_cast<off_t>(size)) != 0) fail("shared memory: size");
  if (fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) fail("shared memory: seals");
  return {std::move(fd), size};
}

SharedMemory SharedMemory::open(UniqueFd fd, ByteCount size) {
  struct stat about {};
  if (fstat(fd.get(), &about) != 0) fail("shared memory");
  const int seals = fcntl(fd.get(), F_GET_SEALS);
  if (static_cast<ByteCount>(about.st_size) != size || seals < 0 || (seals & kSeals) != kSeals) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), "shared memory of another size");
  }
  return {std::move(fd), size};
}

SharedMemory::SharedMemory(UniqueFd fd, ByteCount size) : fd_(std::move(fd)) {
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (mapped == MAP_FAILED) fail("shared memory: map");
  bytes_ = {static_cast<std::byte*>(mapped), static_cast<std::size_t>(size)};
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : fd_(std::move(other.fd_)), bytes_(std::exchange(other.bytes_, {})) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

SharedMemory::~SharedMemory() {
  if (!bytes_.empty()) munmap(bytes_.data(), bytes_.size());
}

}  // namespace curlew
