#pragma once

#include <string>
#include <string_view>

#include "curlew/base/error.hpp"

namespace curlew {

/// The error as the Python service would put it: `Failed to fetch image: HTTP error: 404`.
std::string error_text(const Error& error);

/// The message of an error of `code` that was put like that.
std::string message_of(ErrorCode code, std::string_view text);

/// The nearest error for a text of the Python service, which has no codes.
Error error_of_text(std::string_view text);

}  // namespace curlew
