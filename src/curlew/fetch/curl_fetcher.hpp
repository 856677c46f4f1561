#pragma once

#include <functional>
#include <memory>

#include "curlew/base/permits.hpp"
#include "curlew/fetch/address_policy.hpp"
#include "curlew/fetch/fetch_limits.hpp"
#include "curlew/fetch/fetcher.hpp"
#include "curlew/fetch/resolver.hpp"

namespace curlew {

/// Fetches over HTTP and HTTPS by libcurl, all transfers on one thread of its own. A LocalFile is refused.
///
/// Errors:    the constructor throws StartupError where libcurl cannot start.
/// Ownership: `budget` outlives it, and each FetchedBytes may outlive it. The destructor cancels what is under way,
///            answers all, and joins its thread.
/// Threads:   `done` comes on the fetcher's own thread.
class CurlFetcher : public Fetcher {
 public:
  /// `options.allow_net` is not read here: `policy` is what it became.
  CurlFetcher(FetchOptions options, AddressPolicy policy, ByteBudget& budget, std::unique_ptr<Resolver> resolver);
  ~CurlFetcher() override;

  void start(const Source& source, Done done) override;
  void cancel_all() override;

  /// To be called when bytes come back to the budget. It is the budget's on_release already; whoever needs that for
  /// more calls this too.
  std::function<void()> on_budget_release() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace curlew
