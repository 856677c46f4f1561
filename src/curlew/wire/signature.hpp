#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/wire/command.hpp"

namespace curlew {

/// A parameter of a command, as a Python method would declare it.
struct Parameter {
  enum class Kind : std::uint8_t { kRequired, kOptional, kKeywordOnly };
  std::string_view name;
  Kind kind = Kind::kRequired;
};

/// What a command was called with.
struct Arguments {
  std::uint32_t count = 0;    ///< of those without a name
  std::string_view values;    ///< these, one after the other
  std::string_view keywords;  ///< a map; "" where there is none
};

/// The value of each parameter as its bytes, "" where it was not given.
///
/// Errors: what Python says where it cannot call the method `name` like that.
/// Cost:   linear in the bytes of the arguments, also where there are too many.
Result<std::vector<std::string_view>, Refusal> bind_arguments(std::string_view name,
                                                              std::span<const Parameter> parameters,
                                                              const Arguments& arguments);

}  // namespace curlew
