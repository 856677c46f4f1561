#include "curlew/fetch/http_probe.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstddef>

#include "curlew/fetch/curl_error.hpp"
#include "curlew/fetch/easy_options.hpp"

namespace curlew {
namespace {

/// What libcurl calls with each piece of a body. Taking less than the piece ends the transfer.
std::size_t take(const char* bytes, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  const std::size_t taken = std::min(size * count, kMaxProbeBody - text.size());
  text.append(bytes, taken);
  return taken;
}

}  // namespace

Result<ProbeAnswer> probe(const ProbeRequest& request) {
  const EasyHandle handle(start_libcurl() ? curl_easy_init() : nullptr);
  if (!handle) return failure(ErrorCode::kInternal, "libcurl cannot start");
  FetchOptions options;
  options.limits.connect = request.time;
  ProbeAnswer answer;
  EasyOptions easy(handle.get());
  set_common_options(easy, options);
  set_url_options(easy, request.url);
  easy.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  easy.set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.time.count()));
  easy.set(CURLOPT_QUICK_EXIT, 1L);  // nobody waits for a name server that does not answer
  easy.set(CURLOPT_WRITEFUNCTION, take);
  easy.set(CURLOPT_WRITEDATA, static_cast<void*>(&answer.body));
  if (request.certificate == Certificate::kAny) {
    easy.set(CURLOPT_SSL_VERIFYPEER, 0L);
    easy.set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!easy.all_taken()) return failure(ErrorCode::kInternal, "libcurl does not take an option");

  const CURLcode code = curl_easy_perform(handle.get());
  const bool cut = code == CURLE_WRITE_ERROR && answer.body.size() == kMaxProbeBody;
  if (code != CURLE_OK && !cut) {
    return tl::make_unexpected(error_of_curl(code, answer.body.empty() ? Progress::kBeforeHead : Progress::kInBody));
  }
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace curlew
