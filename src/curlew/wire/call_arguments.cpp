#include "curlew/wire/call_arguments.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "curlew/wire/packed.hpp"
#include "curlew/wire/packer.hpp"
#include "curlew/wire/python_repr.hpp"

namespace curlew {
namespace {

using enum Parameter::Kind;

constexpr std::size_t kMaxNameBytes = 64;  // of models and batches
constexpr int kMaxTop = 1000;

tl::unexpected<Refusal> refused(std::string_view type, std::string_view message) {
  return tl::make_unexpected(Refusal{python_exception(type, message)});
}

/// The value is of a wrong type.
tl::unexpected<Refusal> wrong_type(std::string_view place, std::string_view allowed, std::string_view packed) {
  return refused("TypeError", fmt::format("{} must be {}, not {}", place, allowed, python_type(outline(packed))));
}

/// The value is of a right type, and not among what is allowed.
tl::unexpected<Refusal> wrong_value(std::string_view place, std::string_view allowed) {
  return refused("ValueError", fmt::format("{} must be {}", place, allowed));
}

bool is_number(std::string_view packed) {
  const PackedKind kind = outline(packed).kind;
  return kind == PackedKind::kInteger || kind == PackedKind::kReal;
}

Result<std::int64_t, Refusal> read_integer(std::string_view place, std::string_view packed, std::int64_t least,
                                           std::int64_t most) {
  if (const auto integer = integer_in(packed, least, most)) return *integer;
  const std::string allowed = fmt::format("an integer from {} to {}", least, most);
  if (is_number(packed)) return wrong_value(place, allowed);
  return wrong_type(place, allowed, packed);
}

Result<std::string, Refusal> read_name(std::string_view place, std::string_view packed) {
  const auto name = text_in(packed);
  if (!name) return wrong_type(place, "a text", packed);
  if (name->empty() || name->size() > kMaxNameBytes) {
    return wrong_value(place, fmt::format("a text of 1 to {} bytes", kMaxNameBytes));
  }
  return std::string(*name);
}

Result<std::vector<std::string>, Refusal> read_urls(std::string_view packed, std::size_t max_items) {
  PackedReader reader(packed);
  const PackedValue list = reader.next();
  if (list.kind != PackedKind::kList) return wrong_type("urls", "a list of texts", packed);
  if (list.count > max_items) {
    return refused("ValueError", fmt::format("urls has {} entries, and at most {} are taken", list.count, max_items));
  }
  std::vector<std::string> urls;
  urls.reserve(list.count);
  for (std::uint32_t i = 0; i < list.count; ++i) {
    const std::string_view whole = reader.next_whole();
    const auto text = text_in(whole);
    if (!text) return wrong_type(fmt::format("urls[{}]", i), "a text", whole);
    urls.emplace_back(*text);
  }
  return urls;
}

Result<Task, Refusal> read_task(std::string_view packed) {
  constexpr std::string_view kAllowed = "'classify' or 'detect'";
  const auto text = text_in(packed);
  if (!text) return wrong_type("task", kAllowed, packed);
  if (*text == "classify") return Task::kClassify;
  if (*text == "detect") return Task::kDetect;
  return wrong_value("task", kAllowed);
}

Result<float, Refusal> read_threshold(std::string_view packed) {
  constexpr std::string_view kAllowed = "a number from 0 to 1";
  if (!is_number(packed)) return wrong_type("threshold", kAllowed, packed);
  const auto number = number_in(packed);
  if (!number || *number < 0 || *number > 1) return wrong_value("threshold", kAllowed);
  return static_cast<float>(*number);
}

Result<int, Refusal> read_top(std::string_view packed) {
  return read_integer("top", packed, 1, kMaxTop).map([](std::int64_t top) { return static_cast<int>(top); });
}

/// Reads what may be left out, or be None as Python's default would be.
template <class T, class Read>
std::optional<Refusal> read_optional(std::string_view packed, std::optional<T>& value, Read read) {
  if (outline(packed).kind == PackedKind::kNil) return std::nullopt;
  auto result = read(packed);
  if (!result) return std::move(result.error());
  value = std::move(*result);
  return std::nullopt;
}

Result<Call, Refusal> read_predict(const Arguments& arguments, const CommandRules& rules) {
  constexpr std::array<Parameter, 5> kParameters{{{"urls", kRequired},
                                                  {"model", kKeywordOnly},
                                                  {"task", kKeywordOnly},
                                                  {"threshold", kKeywordOnly},
                                                  {"top", kKeywordOnly}}};
  const auto values = bind_arguments("predict", kParameters, arguments);
  if (!values) return tl::make_unexpected(values.error());
  PredictCall call;
  const auto name = [](std::string_view packed) { return read_name("model", packed); };
  if (auto refusal = read_optional(values->at(1), call.model, name)) return tl::make_unexpected(std::move(*refusal));
  if (auto refusal = read_optional(values->at(2), call.task, read_task)) {
    return tl::make_unexpected(std::move(*refusal));
  }
  if (auto refusal = read_optional(values->at(3), call.threshold, read_threshold)) {
    return tl::make_unexpected(std::move(*refusal));
  }
  if (auto refusal = read_optional(values->at(4), call.top, read_top)) return tl::make_unexpected(std::move(*refusal));
  auto urls = read_urls(values->at(0), rules.max_items);
  if (!urls) return tl::make_unexpected(std::move(urls.error()));
  call.urls = std::move(*urls);
  return call;
}

Result<Call, Refusal> read_results(const Arguments& arguments) {
  constexpr std::array<Parameter, 3> kParameters{{{"batch_id", kRequired}, {"after", kOptional}, {"limit", kOptional}}};
  const auto values = bind_arguments("results", kParameters, arguments);
  if (!values) return tl::make_unexpected(values.error());
  ResultsCall call;
  auto batch = read_name("batch_id", values->at(0));
  if (!batch) return tl::make_unexpected(std::move(batch.error()));
  call.batch = std::move(*batch);
  if (const std::string_view packed = values->at(1); !packed.empty()) {
    const auto after = read_integer("after", packed, 0, std::numeric_limits<std::uint32_t>::max());
    if (!after) return tl::make_unexpected(after.error());
    call.after = static_cast<std::uint32_t>(*after);
  }
  if (const std::string_view packed = values->at(2); !packed.empty()) {
    const auto limit = read_integer("limit", packed, 1, static_cast<std::int64_t>(kMaxResultsLimit));
    if (!limit) return tl::make_unexpected(limit.error());
    call.limit = static_cast<std::size_t>(*limit);
  }
  return call;
}

Result<Call, Refusal> read_quit(const Arguments& arguments) {
  constexpr std::array<Parameter, 1> kParameters{{{"exitcode", kOptional}}};
  const auto values = bind_arguments("quit", kParameters, arguments);
  if (!values) return tl::make_unexpected(values.error());
  QuitCall call;
  if (const std::string_view packed = values->at(0); !packed.empty()) {
    const auto code = read_integer("exitcode", packed, 0, 255);
    if (!code) return tl::make_unexpected(code.error());
    call.exit_code = static_cast<int>(*code);
  }
  return call;
}

/// The arguments stay as they came: whatever they are, that is what goes back.
Result<Call, Refusal> read_echo(const Arguments& arguments) {
  const Arguments only_keywords{.count = 0, .values = {}, .keywords = arguments.keywords};
  const auto none = bind_arguments("echo", {}, only_keywords);
  if (!none) return tl::make_unexpected(none.error());
  Packer list;
  list.array(arguments.count);
  list.raw(arguments.values);
  return EchoCall{.arguments = list.take()};
}

}  // namespace

Result<Call, Refusal> read_call(std::string_view name, const Arguments& arguments, const CommandRules& rules) {
  if (name == "predict") return read_predict(arguments, rules);
  if (name == "results") return read_results(arguments);
  if (name == "echo") return read_echo(arguments);
  if (name == "models") {
    return bind_arguments("models", {}, arguments).map([](const auto&) { return Call(ModelsCall{}); });
  }
  if (name == "quit" && rules.allow_quit) return read_quit(arguments);
  return refused("RuntimeError", fmt::format("no such method {}", name));
}

}  // namespace curlew
