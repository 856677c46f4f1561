#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/http/http_options.hpp"
#include "curlew/http/http_problem.hpp"
#include "curlew/http/http_reply.hpp"
#include "curlew/http/http_request.hpp"

namespace curlew {

/// Answers one request, now or later, on whatever thread. It owns the request; a function that takes it by
/// `const HttpRequest&` fits too.
///
/// Errors:  an exception becomes a 500 where nothing was sent.
/// Threads: called on the http thread: what takes more than a millisecond goes elsewhere.
using HttpHandler = std::function<void(HttpRequest, std::shared_ptr<HttpReply>)>;

/// A kind of body that a route takes.
struct BodyRule {
  std::string media;            ///< "application/json", "image/*"
  ByteCount max_bytes = 0;      ///< 0: what HttpLimits has for this media type
  std::string schema = {};      ///< JSON Schema as text; "": none
  std::string limited_as = {};  ///< the media type whose limit holds; "": its own
};

/// A parameter of a route, for the description of the interface.
struct RouteParameter {
  enum class Place : std::uint8_t { kPath, kQuery, kHeader };
  std::string name;
  Place place = Place::kQuery;
  bool required = false;
  std::string description;
  std::string schema;        ///< JSON Schema as text
  std::string example = {};  ///< JSON; "": none
};

/// An answer that a route may give.
struct RouteAnswer {
  int status = 200;
  std::string media;  ///< "": no body
  std::string description;
  std::string schema = {};  ///< JSON Schema as text; "": none
};

/// One row of the table that the code, the OpenAPI text and the tests share.
struct Route {
  std::string method;   ///< "GET" also serves HEAD
  std::string pattern;  ///< "/v1/batches/{id}/events"
  std::string name;     ///< in metrics and logs
  HttpHandler handler = {};
  std::vector<BodyRule> bodies = {};  ///< none: a body is read and thrown away
  bool needs_key = false;             ///< whether `api_keys` guard it
  bool counts_for_rate = true;        ///< probes and pages do not
  bool described = true;              ///< pages are for people, and no part of the interface's description
  std::string summary = {};
  std::vector<RouteParameter> parameters = {};
  std::vector<RouteAnswer> answers = {};
};

/// How many bytes a body under `rule` may have.
ByteCount body_limit(const BodyRule& rule, const HttpLimits& limits);

/// What a path and a method lead to.
struct RouteMatch {
  const Route* route = nullptr;
  std::map<std::string, std::string, std::less<>> parameters;
  std::vector<std::string> allowed;  ///< the methods that this path has; none: there is no such path
};

/// The table of routes.
///
/// Threads: never changes once a server has it.
class Router {
 public:
  /// Aborts on a pattern that does not begin with a slash, and on one that is there with this method.
  void add(Route route);

  /// Errors of paths that begin with `prefix` ("/v2/"), and of its own without the last slash, are written as the Open
  /// Inference Protocol has them.
  void use_inference_errors_under(std::string prefix) { inference_prefix_ = std::move(prefix); }

  /// Fixed segments go before parameters. A parameter is one segment that is not empty.
  RouteMatch match(std::string_view method, std::span<const std::string> segments) const;

  ErrorStyle error_style(std::string_view path) const;
  std::span<const Route> routes() const { return routes_; }
  /// Every method of the table, for `OPTIONS *`.
  std::vector<std::string> methods() const;

 private:
  struct Pattern {
    std::vector<std::string> segments;
    std::size_t fixed = 0;
  };

  std::vector<Route> routes_;
  std::vector<Pattern> patterns_;  ///< of each route
  std::string inference_prefix_;
};

/// "GET, HEAD, OPTIONS".
std::string allow_header(std::span<const std::string> methods);

}  // namespace curlew
