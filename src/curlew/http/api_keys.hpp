#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/http/http_problem.hpp"

namespace curlew {

/// The keys of `[http] api_keys`. They are kept as digests and compared in a time that does not depend on how much of
/// one was guessed.
///
/// Threads: any; it never changes.
class ApiKeys {
 public:
  explicit ApiKeys(std::span<const std::string> keys);

  /// Whether there is any.
  bool guard() const { return !digests_.empty(); }

  /// Why a request with this `Authorization` is not let in; nothing where it is. Every reason is kUnauthorized.
  std::optional<HttpProblem> refusal(std::span<const std::string_view> authorization) const;

 private:
  std::vector<std::string> digests_;
};

}  // namespace curlew
