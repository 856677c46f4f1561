#include "curlew/http/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "curlew/http/target.hpp"

namespace curlew {
namespace {

std::chrono::seconds rounded_up(Duration wait) { return std::chrono::ceil<std::chrono::seconds>(wait); }

std::string media_list(const Route& route) {
  std::string list;
  for (const BodyRule& rule : route.bodies) list += (list.empty() ? "" : ", ") + rule.media;
  return list;
}

HttpProblem wrong_media(const Route& route) {
  HttpProblem problem = make_problem(HttpErrorCode::kUnsupportedMediaType,
                                     fmt::format("Content-Type must be one of: {}", media_list(route)));
  problem.headers.add("Accept", media_list(route));
  return problem;
}

HttpProblem too_large(ByteCount limit) {
  HttpProblem problem =
      make_problem(HttpErrorCode::kBodyTooLarge, fmt::format("the body may have {} bytes at most", limit));
  problem.members.emplace_back("limit_bytes", static_cast<std::int64_t>(limit));
  return problem;
}

}  // namespace

Gate::Gate(const HttpOptions& options, const Router& router, const std::string& listen_address, TrustedProxies proxies)
    : limits_(options.limits),
      scheme_(options.tls.named() ? "https://" : "http://"),
      router_(router),
      hosts_(listen_address, options.hosts),
      proxies_(std::move(proxies)),
      keys_(options.api_keys),
      rate_(options.client_requests_per_s, options.limits.clients_counted) {}

PeerAddress Gate::address_of(const HttpHeaders& headers, const PeerAddress& peer) const {
  return client_address(peer, headers.all("X-Forwarded-For"), proxies_);
}

std::string Gate::client_of(const HttpHeaders& headers, const PeerAddress& peer) const {
  return to_text(address_of(headers, peer));
}

std::optional<HttpProblem> Gate::check_host(const RequestHead& head,
                                            const std::optional<std::string>& authority) const {
  const auto field = head.headers.find("Host");
  if (!field && !authority) return std::nullopt;  // HTTP/1.0: no browser
  if (authority && field && !equal_but_case(*authority, *field)) {
    return make_problem(HttpErrorCode::kMalformed, "the target and Host name different hosts");
  }
  const auto host = parse_host(field ? *field : std::string_view(*authority));
  if (!host) return make_problem(HttpErrorCode::kMalformed, "the target's host is none");
  if (hosts_.allows(*host)) return std::nullopt;
  return make_problem(HttpErrorCode::kWrongHost, "");
}

std::optional<HttpProblem> Gate::check_client(const Route& route, const RequestHead& head, const PeerAddress& peer,
                                              TimePoint time) {
  if (route.counts_for_rate) {
    if (const auto wait = rate_.wait_for(address_of(head.headers, peer), time)) {
      HttpProblem problem = make_problem(HttpErrorCode::kTooManyRequests, "");
      problem.retry_after = rounded_up(*wait);
      return problem;
    }
  }
  return route.needs_key ? keys_.refusal(head.headers.all("Authorization")) : std::nullopt;
}

std::optional<HttpProblem> Gate::check_body(const Route& route, const RequestHead& head, const Framing& framing,
                                            Admission& admission) const {
  admission.body_wanted = !route.bodies.empty();
  admission.max_body = limits_.ignored_body_bytes;
  if (admission.body_wanted) {
    const auto types = head.headers.all("Content-Type");
    const auto coding = head.headers.find("Content-Encoding");
    if (types.empty() && !framing.has_body()) return std::nullopt;  // the handler says what is missing
    if (types.size() > 1) return wrong_media(route);
    // RFC 9110, section 8.3, lets a body that says nothing be taken for this.
    const auto media = parse_media_type(types.empty() ? "application/octet-stream" : types.front());
    const auto takes = [&](const BodyRule& rule) { return media && media->matches(rule.media); };
    const auto rule = std::ranges::find_if(route.bodies, takes);
    if (rule == route.bodies.end()) return wrong_media(route);
    if (coding && !equal_but_case(*coding, "identity")) {
      return make_problem(HttpErrorCode::kUnsupportedMediaType, "send the body without Content-Encoding");
    }
    admission.request.content_type = *media;
    admission.max_body = body_limit(*rule, limits_);
  }
  if (!framing.chunked && framing.length > admission.max_body) return too_large(admission.max_body);
  return std::nullopt;
}

Result<Admission, HttpProblem> Gate::admit(const RequestHead& head, const Framing& framing, const PeerAddress& peer,
                                           TimePoint time) {
  auto target = parse_target(head.target, scheme_);
  if (!target) return tl::make_unexpected(std::move(target.error()));
  if (auto problem = check_host(head, target->authority)) return tl::make_unexpected(std::move(*problem));

  Admission admission;
  if (target->asterisk) {
    if (head.method != "OPTIONS") {
      return tl::make_unexpected(make_problem(HttpErrorCode::kMalformed, "the target * belongs to OPTIONS"));
    }
    admission.options = allow_header(router_.methods());
    admission.max_body = limits_.ignored_body_bytes;
    return admission;
  }
  RouteMatch match = router_.match(head.method, target->segments);
  if (match.allowed.empty()) return tl::make_unexpected(make_problem(HttpErrorCode::kNotFound, ""));
  if (head.method == "OPTIONS" && match.route == nullptr) {
    admission.options = allow_header(match.allowed);
    admission.max_body = limits_.ignored_body_bytes;
    return admission;
  }
  if (match.route == nullptr) {
    HttpProblem problem = make_problem(HttpErrorCode::kMethodNotAllowed, "");
    problem.headers.add("Allow", allow_header(match.allowed));
    return tl::make_unexpected(std::move(problem));
  }
  admission.request.route = match.route;
  if (auto problem = check_client(*match.route, head, peer, time)) return tl::make_unexpected(std::move(*problem));
  if (auto problem = check_body(*match.route, head, framing, admission))
    return tl::make_unexpected(std::move(*problem));
  HttpRequest& request = admission.request;
  request.method = head.method == "HEAD" ? "GET" : head.method;
  request.path = target->path;
  request.parameters = std::move(match.parameters);
  request.query = std::move(target->query);
  request.headers = head.headers;
  request.client = client_of(head.headers, peer);
  request.received = time;
  return admission;
}

}  // namespace curlew
