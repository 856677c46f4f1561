#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/clock.hpp"
#include "curlew/base/result.hpp"
#include "curlew/http/api_keys.hpp"
#include "curlew/http/client_address.hpp"
#include "curlew/http/client_rate.hpp"
#include "curlew/http/host_policy.hpp"
#include "curlew/http/http_options.hpp"
#include "curlew/http/request_head.hpp"
#include "curlew/http/router.hpp"

namespace curlew {

/// What may become of a request, judged by its head alone.
struct Admission {
  HttpRequest request;                 ///< without body
  ByteCount max_body = 0;              ///< that many bytes are read of it
  bool body_wanted = false;            ///< else it is thrown away
  std::optional<std::string> options;  ///< the request is OPTIONS: this is its `Allow`
};

/// Decides on requests by their heads: target, host, route, rate, key, media type, length, in this order. No IO.
///
/// Threads: one at a time.
class Gate {
 public:
  /// `router` outlives the gate. `listen_address`: what the service is bound to.
  Gate(const HttpOptions& options, const Router& router, const std::string& listen_address, TrustedProxies proxies);

  /// Errors: kMalformed, kWrongHost, kNotFound, kMethodNotAllowed, kTooManyRequests, kUnauthorized,
  ///         kUnsupportedMediaType, kBodyTooLarge.
  Result<Admission, HttpProblem> admit(const RequestHead& head, const Framing& framing, const PeerAddress& peer,
                                       TimePoint time);

  /// Who sent a request with these headers, as logs show it.
  std::string client_of(const HttpHeaders& headers, const PeerAddress& peer) const;

 private:
  PeerAddress address_of(const HttpHeaders& headers, const PeerAddress& peer) const;
  std::optional<HttpProblem> check_host(const RequestHead& head, const std::optional<std::string>& authority) const;
  std::optional<HttpProblem> check_client(const Route& route, const RequestHead& head, const PeerAddress& peer,
                                          TimePoint time);
  std::optional<HttpProblem> check_body(const Route& route, const RequestHead& head, const Framing& framing,
                                        Admission& admission) const;

  HttpLimits limits_;
  std::string_view scheme_;  ///< of this server's URLs
  const Router& router_;
  HostPolicy hosts_;
  TrustedProxies proxies_;
  ApiKeys keys_;
  ClientRate rate_;
};

}  // namespace curlew
