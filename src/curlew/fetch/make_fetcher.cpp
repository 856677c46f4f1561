#include "curlew/fetch/make_fetcher.hpp"

#include <utility>

#include "curlew/fetch/address_policy.hpp"
#include "curlew/fetch/ares_resolver.hpp"
#include "curlew/fetch/curl_downloader.hpp"
#include "curlew/fetch/curl_fetcher.hpp"
#include "curlew/fetch/scheme_fetcher.hpp"
#include "curlew/fetch/shared_fetcher.hpp"

namespace curlew {

Result<std::unique_ptr<Fetcher>, std::string> make_fetcher(const FetchOptions& options, ByteBudget& budget,
                                                           LocalFiles local_files) {
  auto allowed = AllowList::parse(options.allow_net);
  if (!allowed) return tl::make_unexpected(std::move(allowed.error()));
  auto curl = std::make_unique<CurlFetcher>(options, AddressPolicy(std::move(*allowed)), budget,
                                            std::make_unique<AresResolver>());
  auto on_release = curl->on_budget_release();
  auto web = std::make_unique<SharedFetcher>(std::move(curl));
  if (local_files == LocalFiles::kRefused) return web;
  return std::make_unique<SchemeFetcher>(std::move(web), std::move(on_release), budget, options.limits.picture_bytes);
}

Result<std::unique_ptr<Downloader>, std::string> make_downloader(const FetchOptions& options) {
  auto allowed = AllowList::parse(options.allow_net);
  if (!allowed) return tl::make_unexpected(std::move(allowed.error()));
  return std::make_unique<CurlDownloader>(options, AddressPolicy(std::move(*allowed)),
                                          [] { return std::make_unique<AresResolver>(); });
}

}  // namespace curlew
