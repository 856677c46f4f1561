#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "curlew/store/job_store.hpp"

namespace curlew {

/// While more results than this wait to be written, no item is given out.
inline constexpr std::size_t kMaxUnwrittenResults = 1024;

struct SqliteOptions {
  std::filesystem::path file;
  StoreLimits limits;
  Calendar calendar = calendar_now_ms;
  std::chrono::milliseconds busy_wait{1000};  ///< how long another program may hold the file before that is an error
};

/// Opens the file, and makes it, and its folder, where they are not there; brings an older schema up to date. Items
/// that had begun and have no result wait again.
///
/// A file belongs to one process. What is claimed is known to its memory only, so that claiming writes nothing. All
/// writing is done by one thread, whose commits callers share; reading has a connection of its own, so that pages are
/// read meanwhile.
/// Errors: kInUse: another process, or store, has it. kUnavailable: it cannot be opened, is damaged, another program's
///         or a newer Curlew's; the message says which.
/// Cost:   reads all items without a result: about 2 s for a million.
StoreResult<std::unique_ptr<JobStore>> open_sqlite_store(SqliteOptions options);

}  // namespace curlew
