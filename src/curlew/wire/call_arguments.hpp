#pragma once

#include <string_view>

#include "curlew/base/result.hpp"
#include "curlew/wire/command.hpp"
#include "curlew/wire/signature.hpp"

namespace curlew {

/// The call of the command `name`.
///
/// Shape:  the keywords are a map.
/// Errors: no such command, or why it does not take these arguments.
Result<Call, Refusal> read_call(std::string_view name, const Arguments& arguments, const CommandRules& rules);

}  // namespace curlew
