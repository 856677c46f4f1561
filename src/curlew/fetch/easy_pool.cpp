#include "curlew/fetch/easy_pool.hpp"

#include <utility>

namespace curlew {

EasyPool::EasyPool(const FetchOptions& options) : options_(options), headers_(make_slist("Accept-Encoding: identity")) {
  kept_.reserve(kMostKept);
}

EasyHandle EasyPool::take() {
  if (!kept_.empty()) {
    EasyHandle easy = std::move(kept_.back());
    kept_.pop_back();
    return easy;
  }
  EasyHandle easy(curl_easy_init());
  if (!easy || !headers_) return nullptr;
  EasyOptions setter(easy.get());
  set_common_options(setter, options_);
  setter.set(CURLOPT_HTTPHEADER, headers_.get());
  setter.set(CURLOPT_SSL_SESSIONID_CACHE, 0L);  // each new connection proves anew who answers
  return setter.all_taken() ? std::move(easy) : nullptr;
}

void EasyPool::give_back(EasyHandle easy) {
  if (easy && kept_.size() < kMostKept) kept_.push_back(std::move(easy));
}

}  // namespace curlew
