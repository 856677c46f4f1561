#pragma once

#include <functional>
#include <memory>

#include "curlew/core/download.hpp"
#include "curlew/fetch/address_policy.hpp"
#include "curlew/fetch/fetch_limits.hpp"
#include "curlew/fetch/resolver.hpp"

namespace curlew {

/// Downloads by libcurl on the calling thread, under the same guard as CurlFetcher. It tries once: whoever calls it
/// resumes or turns to a mirror.
///
/// Units:  `limits.download_total` bounds one download, not `limits.total`.
/// Errors: of an answer that is neither 200 nor the rest that was asked for: kHttpStatus. Throws StartupError where
///         libcurl cannot start.
class CurlDownloader : public Downloader {
 public:
  using MakeResolver = std::function<std::unique_ptr<Resolver>()>;

  /// `make_resolver` is called once a download, on its thread.
  CurlDownloader(FetchOptions options, AddressPolicy policy, MakeResolver make_resolver);

  Result<void> download(const DownloadRequest& request, DownloadSink& sink) override;

 private:
  FetchOptions options_;
  AddressPolicy policy_;
  MakeResolver make_resolver_;
};

}  // namespace curlew
