#include "curlew/app/open_store.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/store/memory_store.hpp"
#include "curlew/store/redis_store.hpp"
#include "curlew/store/sqlite_store.hpp"
#include "curlew/store/unavailable_store.hpp"

namespace curlew {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kRedis = "redis:";

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

/// Of requests that are answered at once: their clients wait, and what is older has no reader any more.
StoreLimits direct_limits(const Config& config) {
  StoreLimits limits = store_limits(config);
  limits.keep = std::chrono::hours(1);
  limits.keep_tombstone = std::chrono::minutes(1);
  return limits;
}

RedisAddress redis_address(const Config& config) {
  auto address = parse_redis_address(config.store.url);
  if (!address) throw StartupError(ExitStatus::kUsage, "store.url: " + address.error());
  return std::move(*address);
}

std::unique_ptr<JobStore> open_redis(const Config& config, const StoreLimits& limits, StoreRole role,
                                     std::string prefix) {
  RedisOptions options;
  options.address = redis_address(config);
  options.prefix = std::move(prefix);
  options.limits = limits;
  options.hears_others = role == StoreRole::kService;
  options.lease = std::chrono::milliseconds(static_cast<std::int64_t>(config.store.lease_s * 1000));
  return make_redis_store(std::move(options));
}

std::unique_ptr<JobStore> open_sqlite(const Config& config, std::string_view path, const Environment& environment) {
  SqliteOptions options;
  options.file = store_file(path, environment);
  options.limits = store_limits(config);
  auto store = open_sqlite_store(std::move(options));
  if (store) return std::move(*store);
  if (store.error().code == StoreError::Code::kInUse) {
    throw StartupError(ExitStatus::kEnvironment, store.error().message);
  }
  log_error("{}", store.error().message);
  return make_unavailable_store(store.error());
}

OpenStores open_shared_stores(const Config& config, StoreRole role) {
  const bool works_alone = role == StoreRole::kService && config.infer.workers != 0;
  OpenStores stores;
  stores.name = "Redis at " + to_text(redis_address(config));
  stores.kept = open_redis(config, store_limits(config), role, "curlew:kept:");
  stores.kept_is_shared = true;
  stores.direct_is_shared = !works_alone;
  stores.direct = works_alone ? make_memory_store(direct_limits(config))
                              : open_redis(config, direct_limits(config), role, "curlew:direct:");
  return stores;
}

}  // namespace

OpenStores open_stores(const Config& config, const Environment& environment, StoreRole role) {
  const std::string_view url = config.store.url;
  const bool has_workers = config.infer.workers != 0;
  if (url.starts_with(kRedis)) return open_shared_stores(config, role);
  if (role == StoreRole::kWorker) {
    throw StartupError(
        ExitStatus::kUsage,
        "a worker takes its work from Redis: set store.url = \"redis://HOST:PORT/0\", as the services do");
  }
  if (!has_workers) {
    throw StartupError(ExitStatus::kUsage,
                       "infer.workers = 0 leaves all work to `curlew worker`, which needs store.url = "
                       "\"redis://HOST:PORT/0\"; otherwise -1 is one worker a core");
  }
  OpenStores stores;
  stores.direct = make_memory_store(direct_limits(config));
  if (url == "memory:") {
    stores.kept = make_memory_store(store_limits(config));
  } else if (url.starts_with(kSqlite)) {
    stores.kept = open_sqlite(config, url.substr(kSqlite.size()), environment);
  } else {
    throw StartupError(ExitStatus::kUsage,
                       fmt::format("store.url = \"{}\" is none; it can be \"sqlite:\", \"sqlite:PATH\", \"memory:\" or "
                                   "\"redis://HOST:PORT/0\"",
                                   url.substr(0, url.find(':') + 1)));
  }
  return stores;
}

}  // namespace curlew
