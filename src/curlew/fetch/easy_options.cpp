#include "curlew/fetch/easy_options.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

namespace curlew {
namespace {

/// Of one name; more only make the list of CURLOPT_RESOLVE long.
constexpr std::size_t kMaxPinned = 16;
constexpr long kReadBufferBytes = 65536;
/// A connection older than this is not used again, so that a name's new addresses are found.
constexpr long kConnectionAgeSeconds = 300;

void set_limits(EasyOptions& easy, const FetchLimits& limits) {
  easy.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  easy.set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(limits.low_speed_bytes_per_s));
  easy.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.low_speed_for.count()));
  easy.set(CURLOPT_MAXLIFETIME_CONN, kConnectionAgeSeconds);
  // Pins live in this cache: longer than any transfer, so that libcurl never resolves by itself.
  const auto pinned_for = std::chrono::ceil<std::chrono::seconds>(limits.total);
  easy.set(CURLOPT_DNS_CACHE_TIMEOUT, static_cast<long>(pinned_for.count() + 1));
}

}  // namespace

Slist make_slist(const std::string& line) { return Slist(curl_slist_append(nullptr, line.c_str())); }

void set_common_options(EasyOptions& easy, const FetchOptions& options) {
  easy.set(CURLOPT_PATH_AS_IS, 1L);  // what was checked is what is asked for
  easy.set(CURLOPT_PROTOCOLS_STR, "http,https");
  easy.set(CURLOPT_FOLLOWLOCATION, 0L);
  easy.set(CURLOPT_PROXY, "");
  easy.set(CURLOPT_NOPROXY, "*");
  easy.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  easy.set(CURLOPT_NOSIGNAL, 1L);
  easy.set(CURLOPT_SSL_VERIFYPEER, 1L);
  easy.set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) easy.set(CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.user_agent.empty()) easy.set(CURLOPT_USERAGENT, options.user_agent.c_str());
  easy.set(CURLOPT_HTTP09_ALLOWED, 0L);
  easy.set(CURLOPT_BUFFERSIZE, kReadBufferBytes);
  set_limits(easy, options.limits);
}

void set_url_options(EasyOptions& easy, const Url& url) {
  easy.set(CURLOPT_URL, url.text().c_str());
  easy.set(CURLOPT_HTTP_VERSION, static_cast<long>(url.is_https() ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  easy.set(CURLOPT_PIPEWAIT, url.is_https() ? 1L : 0L);  // share the connection that is being made, make no more
}

std::string pin(const Url& url, std::span<const IpAddress> addresses) {
  std::string line = fmt::format("+{}:{}:", url.host(), url.port());
  for (const IpAddress& address : addresses.first(std::min(addresses.size(), kMaxPinned))) {
    if (line.back() != ':') line += ',';
    line += address.family == IpAddress::Family::kV6 ? fmt::format("[{}]", to_string(address)) : to_string(address);
  }
  return line;
}

std::optional<int> open_allowed_socket(const AddressPolicy& policy, const curl_sockaddr& address) {
  const auto to_dial = address_of(address.addr);
  if (!to_dial || !policy.allows(*to_dial)) return std::nullopt;
  const int fd = socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  return fd;
}

bool start_libcurl() {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return started;
}

}  // namespace curlew
