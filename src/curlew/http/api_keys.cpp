#include "curlew/http/api_keys.hpp"

#include <cstddef>

#include "curlew/base/sha256.hpp"
#include "curlew/http/http_headers.hpp"

namespace curlew {
namespace {

std::string digest(std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); }

bool same_in_constant_time(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

HttpProblem unauthorized(std::string detail, std::string_view challenge) {
  HttpProblem problem = make_problem(HttpErrorCode::kUnauthorized, std::move(detail));
  problem.headers.add("WWW-Authenticate", challenge);
  return problem;
}

}  // namespace

ApiKeys::ApiKeys(std::span<const std::string> keys) {
  for (const std::string& key : keys) digests_.push_back(digest(key));
}

std::optional<HttpProblem> ApiKeys::refusal(std::span<const std::string_view> authorization) const {
  if (!guard()) return std::nullopt;
  constexpr std::string_view kChallenge = R"(Bearer realm="curlew")";
  if (authorization.empty()) return unauthorized("send a key: Authorization: Bearer KEY", kChallenge);
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view value = authorization.front();
  if (authorization.size() > 1 || !equal_but_case(value.substr(0, kScheme.size()), kScheme)) {
    return unauthorized("Authorization must be Bearer and one key", kChallenge);
  }
  const std::string given = digest(trimmed(value.substr(kScheme.size())));
  bool known = false;
  for (const std::string& key : digests_) known = same_in_constant_time(key, given) || known;
  if (known) return std::nullopt;
  return unauthorized("the key is not one of those configured", R"(Bearer realm="curlew", error="invalid_token")");
}

}  // namespace curlew
