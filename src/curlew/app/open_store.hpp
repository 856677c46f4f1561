#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "curlew/config/config.hpp"
#include "curlew/store/job_store.hpp"

namespace curlew {

/// What a process does with its stores.
enum class StoreRole : std::uint8_t {
  kService,  ///< takes requests, and works on them where infer.workers says so
  kWorker    ///< works on what services have taken
};

struct OpenStores {
  std::unique_ptr<JobStore> kept;
  std::unique_ptr<JobStore> direct;  ///< for requests that are answered at once
  bool kept_is_shared = false;       ///< with other processes
  bool direct_is_shared = false;
  std::string name = {};  ///< where the kept ones are, for the user: without a password
};

/// The stores that store.url names. One that cannot be used now, such as a damaged file, is replaced by one that says
/// so whenever it is asked: what needs no store goes on.
///
/// Errors: StartupError: kUsage where the URL is none, or where nobody could work on what is kept; kEnvironment where
///         another process has the file.
OpenStores open_stores(const Config& config, const Environment& environment, StoreRole role);

}  // namespace curlew
