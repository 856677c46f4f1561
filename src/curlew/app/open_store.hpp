#pragma once

#include <memory>
#include <string>

#include "curlew/config/config.hpp"
#include "curlew/store/job_store.hpp"

namespace curlew {

/// The store that store.url names. One that cannot be used now, such as a damaged file, is replaced by one that says so
/// whenever it is asked: what needs no store goes on.
///
/// Errors: StartupError: kUsage where the URL is none, kEnvironment where another process has the file.
std::unique_ptr<JobStore> open_store(const Config& config, const Environment& environment);

/// A store for requests that are answered at once.
std::unique_ptr<JobStore> open_direct_store(const Config& config);

}  // namespace curlew
