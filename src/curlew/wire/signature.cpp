#include "curlew/wire/signature.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "curlew/wire/packed.hpp"
#include "curlew/wire/python_repr.hpp"

namespace curlew {
namespace {

tl::unexpected<Refusal> type_error(std::string_view method, std::string_view what) {
  return tl::make_unexpected(Refusal{python_exception("TypeError", fmt::format("Service.{}() {}", method, what))});
}

/// How many are taken, and how many there are; Python counts the service itself.
std::string too_many(std::size_t required, std::size_t most, std::size_t given) {
  const std::string taken = required == most
                                ? fmt::format("{} positional argument{}", most + 1, most == 0 ? "" : "s")
                                : fmt::format("from {} to {} positional arguments", required + 1, most + 1);
  return fmt::format("takes {} but {} were given", taken, given + 1);
}

}  // namespace

Result<std::vector<std::string_view>, Refusal> bind_arguments(std::string_view name,
                                                              std::span<const Parameter> parameters,
                                                              const Arguments& arguments) {
  using enum Parameter::Kind;
  const auto count = [&](Parameter::Kind kind) {
    return static_cast<std::size_t>(std::ranges::count(parameters, kind, &Parameter::kind));
  };
  const std::size_t required = count(kRequired);
  const std::size_t most = required + count(kOptional);
  const std::size_t taken = std::min<std::size_t>(most, arguments.count);
  std::vector<std::string_view> values(parameters.size());
  PackedReader reader(arguments.values);
  for (std::size_t i = 0; i < taken; ++i) values[i] = reader.next_whole();

  std::optional<std::string> fault;
  each_member(arguments.keywords, [&](const PackedValue& key, std::string_view value) {
    const auto place =
        static_cast<std::size_t>(std::ranges::find(parameters, key.bytes, &Parameter::name) - parameters.begin());
    if (key.kind != PackedKind::kText) {
      fault = "keywords must be strings";
    } else if (place < parameters.size() && place >= taken) {
      values[place] = value;  // where a key is there twice, the last counts
    } else if (!fault && place == parameters.size()) {
      fault = fmt::format("got an unexpected keyword argument '{}'", key.bytes);
    } else if (!fault) {
      fault = fmt::format("got multiple values for argument '{}'", key.bytes);
    }
  });
  if (fault) return type_error(name, *fault);
  if (arguments.count > most) return type_error(name, too_many(required, most, arguments.count));
  for (std::size_t i = 0; i < required; ++i) {  // no command has more than one
    if (!values[i].empty()) continue;
    return type_error(name, fmt::format("missing 1 required positional argument: '{}'", parameters[i].name));
  }
  return values;
}

}  // namespace curlew
