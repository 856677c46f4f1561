#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "curlew/core/url.hpp"
#include "curlew/fetch/address_policy.hpp"
#include "curlew/fetch/fetch_limits.hpp"

namespace curlew {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;

struct SlistDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Slist = std::unique_ptr<curl_slist, SlistDeleter>;

/// A list of one line; empty where there is no memory.
Slist make_slist(const std::string& line);

/// Sets options and remembers whether each was taken.
class EasyOptions {
 public:
  explicit EasyOptions(CURL* easy) : easy_(easy) {}
  template <class Value>
  void set(CURLoption option, Value value) {
    all_taken_ = curl_easy_setopt(easy_, option, value) == CURLE_OK && all_taken_;
  }
  bool all_taken() const { return all_taken_; }

 private:
  CURL* easy_;
  bool all_taken_ = true;
};

/// What every request of ours has in common: limits, TLS, and that nothing of the environment is obeyed.
void set_common_options(EasyOptions& easy, const FetchOptions& options);

/// What is asked for, and in which version of HTTP.
void set_url_options(EasyOptions& easy, const Url& url);

/// The line of CURLOPT_RESOLVE that makes `url` be dialled at `addresses` and nowhere else, until the entry is stale.
std::string pin(const Url& url, std::span<const IpAddress> addresses);

/// The last look at an address before it is dialled: a socket for it, or nothing where the policy refuses it.
std::optional<int> open_allowed_socket(const AddressPolicy& policy, const curl_sockaddr& address);

/// Starts libcurl once for the process. False where it cannot.
bool start_libcurl();

}  // namespace curlew
