#include "curlew/http/http_problem.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace curlew {
namespace {

using enum HttpErrorCode;

constexpr std::array<HttpErrorInfo, 25> kTable{{
    {kMalformed, "malformed", 400, "Malformed request",
     "The request, or its body, cannot be read as what it says it is."},
    {kUnauthorized, "unauthorized", 401, "Unauthorized",
     "The route wants a key: send `Authorization: Bearer KEY` with one of those configured."},
    {kNotFound, "not_found", 404, "Not found", "There is nothing under this path, or no batch with this id."},
    {kMethodNotAllowed, "method_not_allowed", 405, "Method not allowed",
     "The path is there, but not for this method; `Allow` names those that it has."},
    {kNotAcceptable, "not_acceptable", 406, "Not acceptable",
     "The answer is to be had in none of the media types of `Accept`."},
    {kRequestTimeout, "request_timeout", 408, "Request timeout",
     "The request came too slowly: its head takes too long, or its body comes at less than the minimum rate."},
    {kKeyInFlight, "key_in_flight", 409, "Key in flight",
     "A request with the same `Idempotency-Key` is being worked on; try again when it has been answered."},
    {kExpired, "expired", 410, "Expired", "The batch was there, and its time is over."},
    {kBodyTooLarge, "body_too_large", 413, "Body too large", "The body has more bytes than the route takes."},
    {kUriTooLong, "uri_too_long", 414, "URI too long",
     "The target has more bytes than the limit; send URLs with POST."},
    {kUnsupportedMediaType, "unsupported_media_type", 415, "Unsupported media type",
     "The route takes no body of this `Content-Type` or `Content-Encoding`."},
    {kExpectationFailed, "expectation_failed", 417, "Expectation failed",
     "`Expect` may be `100-continue` and nothing else."},
    {kWrongHost, "wrong_host", 421, "Misdirected request",
     "`Host` is not a name of this service; add the name to `[http] hosts`."},
    {kInvalidRequest, "invalid_request", 422, "Invalid request",
     "The body is well-formed and wrong: a member is missing, unknown or out of its range; `pointer` names it."},
    {kKeyReused, "key_reused", 422, "Key reused",
     "The `Idempotency-Key` belongs to a request with another body; take a new one."},
    {kTooManyRequests, "too_many_requests", 429, "Too many requests",
     "This client sends more requests than it may; try again after `Retry-After` seconds."},
    {kHeadTooLarge, "head_too_large", 431, "Request head too large",
     "The header fields have more bytes than the limit."},
    {kInternal, "internal", 500, "Internal error", "A fault of Curlew; the log says more under the request's id."},
    {kNotImplemented, "not_implemented", 501, "Not implemented",
     "The request uses a part of HTTP that is not spoken here, as a transfer coding other than `chunked`."},
    {kFull, "full", 503, "Full", "No more can be taken now; try again after `Retry-After` seconds."},
    {kStarting, "starting", 503, "Starting", "The service is not ready yet."},
    {kDraining, "draining", 503, "Draining", "The service is about to stop and takes nothing new."},
    {kModelUnavailable, "model_unavailable", 503, "Model unavailable",
     "The model that the request needs is not to be had here."},
    {kStoreUnavailable, "store_unavailable", 503, "Store unavailable",
     "Batches cannot be kept now; requests that are answered at once go on."},
    {kHttpVersion, "http_version", 505, "HTTP version not supported", "HTTP/1.1 and HTTP/1.0 are spoken here."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].code) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the table is indexed by HttpErrorCode");

}  // namespace

std::span<const HttpErrorInfo> http_error_table() { return kTable; }

const HttpErrorInfo& http_error_info(HttpErrorCode code) { return kTable[static_cast<std::size_t>(code)]; }

HttpProblem make_problem(HttpErrorCode code, std::string detail) {
  return HttpProblem{.code = code, .detail = std::move(detail)};
}

std::string_view error_media_type(ErrorStyle style) {
  return style == ErrorStyle::kProblem ? "application/problem+json" : "application/json";
}

std::string error_body(const HttpProblem& problem, std::string_view request_id, ErrorStyle style) {
  const HttpErrorInfo& info = http_error_info(problem.code);
  nlohmann::ordered_json body;
  if (style == ErrorStyle::kInferenceProtocol) {
    body["error"] = problem.detail.empty() ? std::string(info.sentence) : problem.detail;
  } else {
    body["type"] = "urn:curlew:error:" + std::string(info.wire_name);
    body["title"] = info.title;
    body["status"] = info.status;
    body["detail"] = problem.detail.empty() ? std::string(info.sentence) : problem.detail;
    body["code"] = info.wire_name;
    body["request_id"] = request_id;
    for (const auto& [name, value] : problem.members) {
      std::visit([&, &key = name](const auto& plain) { body[key] = plain; }, value);
    }
  }
  // A detail may repeat what a client sent, which need not be UTF-8.
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

HttpHeaders error_headers(const HttpProblem& problem) {
  HttpHeaders headers = problem.headers;
  const int status = problem.status();
  if ((status == 429 || status == 503) && !headers.find("Retry-After")) {
    headers.add("Retry-After", std::to_string(std::max<std::int64_t>(problem.retry_after.count(), 1)));
  }
  if (status == 401 && !headers.find("WWW-Authenticate")) headers.add("WWW-Authenticate", R"(Bearer realm="curlew")");
  return headers;
}

}  // namespace curlew
