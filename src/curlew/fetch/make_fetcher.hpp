#pragma once

#include <memory>
#include <string>

#include "curlew/base/permits.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/download.hpp"
#include "curlew/fetch/fetch_limits.hpp"
#include "curlew/fetch/fetcher.hpp"

namespace curlew {

/// Whether local files are read (the command line) or refused (the service).
enum class LocalFiles : bool { kRefused, kRead };

/// The fetcher that the program uses: libcurl and c-ares. `budget` outlives it and tells it alone of released bytes.
///
/// Errors: a sentence about the first entry of `options.allow_net` that is not a network. Throws StartupError where a
///         library cannot start.
Result<std::unique_ptr<Fetcher>, std::string> make_fetcher(const FetchOptions& options, ByteBudget& budget,
                                                           LocalFiles local_files);

/// The downloader that the program uses, with the same guard; errors as of make_fetcher.
Result<std::unique_ptr<Downloader>, std::string> make_downloader(const FetchOptions& options);

}  // namespace curlew
