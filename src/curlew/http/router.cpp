#include "curlew/http/router.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

std::vector<std::string> split(std::string_view pattern) {
  std::vector<std::string> segments;
  pattern.remove_prefix(1);
  for (bool more = true; more;) {
    const std::size_t slash = pattern.find('/');
    segments.emplace_back(pattern.substr(0, slash));
    more = slash != std::string_view::npos;
    if (more) pattern.remove_prefix(slash + 1);
  }
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool fits(std::span<const std::string> pattern, std::span<const std::string> segments) {
  return std::ranges::equal(pattern, segments, [](const std::string& wanted, const std::string& given) {
    return is_parameter(wanted) ? !given.empty() : wanted == given;
  });
}

void add_once(std::vector<std::string>& methods, std::string_view method) {
  if (std::ranges::find(methods, method) == methods.end()) methods.emplace_back(method);
}

}  // namespace

ByteCount body_limit(const BodyRule& rule, const HttpLimits& limits) {
  if (rule.max_bytes > 0) return rule.max_bytes;
  const std::string& media = rule.limited_as.empty() ? rule.media : rule.limited_as;
  if (media.starts_with("image/")) return limits.image_body_bytes;
  if (media.starts_with("multipart/")) return limits.multipart_body_bytes;
  return limits.json_body_bytes;
}

void Router::add(Route route) {
  const bool known = std::ranges::any_of(
      routes_, [&](const Route& r) { return r.method == route.method && r.pattern == route.pattern; });
  if (known || !route.pattern.starts_with('/') || !route.handler) {
    log_error("the route {} {} is there already, has no handler, or does not begin with a slash", route.method,
              route.pattern);
    std::abort();
  }
  Pattern pattern{.segments = split(route.pattern)};
  pattern.fixed = static_cast<std::size_t>(
      std::ranges::count_if(pattern.segments, [](const std::string& s) { return !is_parameter(s); }));
  patterns_.push_back(std::move(pattern));
  routes_.push_back(std::move(route));
}

RouteMatch Router::match(std::string_view method, std::span<const std::string> segments) const {
  std::size_t most_fixed = 0;
  bool found = false;
  for (const Pattern& pattern : patterns_) {
    if (!fits(pattern.segments, segments)) continue;
    found = true;
    most_fixed = std::max(most_fixed, pattern.fixed);
  }
  RouteMatch match;
  if (!found) return match;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Pattern& pattern = patterns_[i];
    if (pattern.fixed != most_fixed || !fits(pattern.segments, segments)) continue;
    add_once(match.allowed, routes_[i].method);
    if (routes_[i].method == "GET") add_once(match.allowed, "HEAD");
    if (routes_[i].method != wanted || match.route != nullptr) continue;
    match.route = &routes_[i];
    for (std::size_t s = 0; s < segments.size(); ++s) {
      const std::string_view name = pattern.segments[s];
      if (is_parameter(name)) match.parameters.emplace(name.substr(1, name.size() - 2), segments[s]);
    }
  }
  add_once(match.allowed, "OPTIONS");
  return match;
}

ErrorStyle Router::error_style(std::string_view path) const {
  if (inference_prefix_.empty()) return ErrorStyle::kProblem;
  const std::string_view itself = std::string_view(inference_prefix_).substr(0, inference_prefix_.size() - 1);
  return path == itself || path.starts_with(inference_prefix_) ? ErrorStyle::kInferenceProtocol : ErrorStyle::kProblem;
}

std::vector<std::string> Router::methods() const {
  std::vector<std::string> methods;
  for (const Route& route : routes_) {
    add_once(methods, route.method);
    if (route.method == "GET") add_once(methods, "HEAD");
  }
  add_once(methods, "OPTIONS");
  return methods;
}

std::string allow_header(std::span<const std::string> methods) {
  std::string text;
  for (const std::string& method : methods) {
    if (!text.empty()) text += ", ";
    text += method;
  }
  return text;
}

}  // namespace curlew
