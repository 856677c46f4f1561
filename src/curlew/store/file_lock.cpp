#include "curlew/store/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

namespace curlew {
namespace {

/// " (process 123)", or nothing where the file does not say.
std::string holder(int fd) {
  std::array<char, 16> digits{};
  const ssize_t size = ::pread(fd, digits.data(), digits.size(), 0);
  const std::string_view text(digits.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto end = text.find('\n');
  if (end == std::string_view::npos || end == 0) return {};
  const std::string_view pid = text.substr(0, end);
  if (pid.find_first_not_of("0123456789") != std::string_view::npos) return {};
  return fmt::format(" (process {})", pid);
}

}  // namespace

StoreResult<FileLock> FileLock::take(const std::filesystem::path& file) {
  const std::string path = file.string() + ".lock";
  // Not inherited: a child process must not keep the file in use after its parent has died.
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.ok()) {
    return store_failure(StoreError::Code::kUnavailable,
                         fmt::format("{} cannot be made: see to the folder and its rights", path));
  }
  int refused = 0;
  do {
    refused = ::flock(fd.get(), LOCK_EX | LOCK_NB);
  } while (refused != 0 && errno == EINTR);
  if (refused != 0 && errno == EWOULDBLOCK) {
    return store_failure(
        StoreError::Code::kInUse,
        fmt::format("{} is in use by another Curlew{}: end it, or give this one a file of its own in [store] url",
                    file.string(), holder(fd.get())));
  }
  if (refused != 0) {
    return store_failure(StoreError::Code::kUnavailable, fmt::format("{} cannot be locked: see to its disk", path));
  }
  // Only for the message above: a full disk must not keep the program from starting.
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd.get(), 0) == 0) {
    [[maybe_unused]] const auto written = ::pwrite(fd.get(), pid.data(), pid.size(), 0);
  }
  return FileLock(std::move(fd));
}

}  // namespace curlew
