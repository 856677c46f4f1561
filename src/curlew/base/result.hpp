#pragma once

#include <tl/expected.hpp>

#include "curlew/base/error.hpp"

namespace curlew {

/// A value, or why there is none. What depends on input, network, disk or a network's output returns this.
template <class T, class E = Error>
using Result = tl::expected<T, E>;

/// The failing side of a Result: `return failure(ErrorCode::kTimeout, "…");`
inline tl::unexpected<Error> failure(ErrorCode code, std::string message) {
  return tl::make_unexpected(make_error(code, std::move(message)));
}

}  // namespace curlew
