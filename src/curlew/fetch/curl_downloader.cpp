#include "curlew/fetch/curl_downloader.hpp"

#include <optional>
#include <stop_token>
#include <utility>

#include "curlew/fetch/download_body.hpp"
#include "curlew/fetch/transfer_loop.hpp"

namespace curlew {

CurlDownloader::CurlDownloader(FetchOptions options, AddressPolicy policy, MakeResolver make_resolver)
    : options_(std::move(options)), policy_(std::move(policy)), make_resolver_(std::move(make_resolver)) {
  options_.limits.total = options_.limits.download_total;
  options_.limits.tries = 1;
}

Result<void> CurlDownloader::download(const DownloadRequest& request, DownloadSink& sink) {
  const auto url = parse_url(request.url);
  if (!url) return tl::make_unexpected(url.error());
  DownloadBody body(request, sink);
  std::optional<Result<void>> outcome;
  TransferLoop loop(options_, policy_, make_resolver_());
  loop.start(*url, body, [&outcome](Result<void> result) { outcome = std::move(result); });
  const std::stop_callback wake(request.stop, loop.waker());
  while (!outcome) {
    if (request.stop.stop_requested()) {
      loop.cancel_all();
    } else {
      loop.run_once();
    }
  }
  return std::move(*outcome);
}

}  // namespace curlew
