#pragma once

#include <cstddef>
#include <span>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/unique_fd.hpp"

namespace curlew {

/// Memory that two processes see. Its size is sealed: neither of them can make the other one's reads fault.
///
/// Threads:   any; whoever shares it agrees on who writes when. What the other process may write at any time has to be
///            copied before it is checked.
/// Ownership: unmapped and closed when it goes; its pages live as long as one process has it. Pages that were never
///            written take no memory.
class SharedMemory {
 public:
  SharedMemory() = default;
  /// Errors: std::system_error, where memory or descriptors are short.
  static SharedMemory create(ByteCount size);
  /// Maps what another process created. Errors: std::system_error, also where it is not of that size or not sealed.
  static SharedMemory open(UniqueFd fd, ByteCount size);

  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();

  std::span<std::byte> bytes() const { return bytes_; }
  int fd() const { return fd_.get(); }

 private:
  SharedMemory(UniqueFd fd, ByteCount size);

  UniqueFd fd_;
  std::span<std::byte> bytes_;
};

}  // namespace curlew
