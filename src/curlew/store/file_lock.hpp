#pragma once

#include <filesystem>

#include "curlew/base/unique_fd.hpp"
#include "curlew/store/store_error.hpp"

namespace curlew {

/// The sole use of a file, for as long as this lives. The kernel ends it with the process, however that dies.
///
/// The lock is on a file of its own, `file` + ".lock", which stays: to open and close the database itself would drop
/// the locks that SQLite has on it, and to delete a lock file lets two processes hold one each.
class FileLock {
 public:
  /// Errors: kInUse, and who uses it; kUnavailable where the lock file cannot be made.
  static StoreResult<FileLock> take(const std::filesystem::path& file);

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace curlew
