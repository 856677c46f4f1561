#include "curlew/app/open_store.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <string_view>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/store/memory_store.hpp"
#include "curlew/store/sqlite_store.hpp"
#include "curlew/store/unavailable_store.hpp"

namespace curlew {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

StoreLimits store_limits(const Config& config) {
  StoreLimits limits;
  limits.queue_items = config.limits.queue_items;
  limits.keep = std::chrono::milliseconds(static_cast<std::int64_t>(config.limits.keep_batches_h * 3'600'000));
  return limits;
}

std::filesystem::path store_file(std::string_view path, const Environment& environment) {
  if (!path.empty()) return path;
  const auto folder = state_folder(environment);
  if (!folder) {
    throw StartupError(ExitStatus::kUsage,
                       "store.url = \"sqlite:\" keeps batches in the home folder, and HOME is not set; name a file, as "
                       "in \"sqlite:/var/lib/curlew/store.db\", or use \"memory:\"");
  }
  return *folder / "store.db";
}

}  // namespace

std::unique_ptr<JobStore> open_store(const Config& config, const Environment& environment) {
  const std::string_view url = config.store.url;
  if (url == "memory:") return make_memory_store(store_limits(config));
  if (!url.starts_with(kSqlite)) {
    throw StartupError(
        ExitStatus::kUsage,
        fmt::format("store.url = \"{}\" is none; it can be \"sqlite:\", \"sqlite:PATH\" or \"memory:\"", url));
  }
  SqliteOptions options;
  options.file = store_file(url.substr(kSqlite.size()), environment);
  options.limits = store_limits(config);
  auto store = open_sqlite_store(std::move(options));
  if (store) return std::move(*store);
  if (store.error().code == StoreError::Code::kInUse) {
    throw StartupError(ExitStatus::kEnvironment, store.error().message);
  }
  log_error("{}", store.error().message);
  return make_unavailable_store(store.error());
}

std::unique_ptr<JobStore> open_direct_store(const Config& config) {
  StoreLimits limits = store_limits(config);
  // Their clients wait: what is older has no reader any more.
  limits.keep = std::chrono::hours(1);
  limits.keep_tombstone = std::chrono::minutes(1);
  return make_memory_store(limits);
}

}  // namespace curlew
