#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "curlew/base/nearest_word.hpp"
#include "curlew/config/option_table.hpp"

namespace curlew {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

template <class T>
std::optional<T> read_number(std::string_view text) {
  const std::string_view body = trimmed(text);
  T value{};
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), value);
  if (body.empty() || error != std::errc{} || end != body.data() + body.size()) return std::nullopt;
  return value;
}

std::vector<std::string> read_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    if (const auto part = trimmed(text.substr(0, comma)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

/// As TOML has it: a float keeps its point.
std::string to_text(double value) {
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// A line end in a user agent would be a header of its own; no path and no name needs a control character.
bool is_one_line(const std::string& text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// A file may hold anything as a key; what is longer than any name is no typing mistake.
constexpr std::size_t kLongestName = 64;

}  // namespace

std::string Option::name() const { return fmt::format("{}.{}", section, key); }

std::string Option::variable() const { return fmt::format("CURLEW_{}_{}", upper(section), upper(key)); }

std::string Option::allowed() const {
  struct Visitor {
    const Option& option;
    std::string operator()(bool) const { return "true or false"; }
    std::string operator()(std::int64_t) const {
      return fmt::format("an integer from {:.0f} to {:.0f}", option.min, option.max);
    }
    std::string operator()(double) const { return fmt::format("a number from {} to {}", option.min, option.max); }
    std::string operator()(const std::string&) const {
      return option.choices.empty() ? "a text without line ends"
                                    : fmt::format("one of {}", fmt::join(option.choices, ", "));
    }
    std::string operator()(const std::vector<std::string>&) const { return "a list of texts without line ends"; }
  };
  return std::visit(Visitor{*this}, default_value);
}

bool Option::accepts(const OptionValue& value) const {
  if (value.index() != default_value.index()) return false;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return *integer >= static_cast<std::int64_t>(min) && *integer <= static_cast<std::int64_t>(max);
  }
  if (const auto* number = std::get_if<double>(&value)) return *number >= min && *number <= max;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return std::ranges::all_of(*list, is_one_line);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return is_one_line(*text) && (choices.empty() || std::ranges::find(choices, *text) != choices.end());
  }
  return true;
}

std::optional<OptionValue> Option::read(std::string_view text) const {
  std::optional<OptionValue> value;
  if (std::holds_alternative<bool>(default_value)) {
    if (trimmed(text) == "true") value = true;
    if (trimmed(text) == "false") value = false;
  } else if (std::holds_alternative<std::int64_t>(default_value)) {
    if (const auto integer = read_number<std::int64_t>(text)) value = *integer;
  } else if (std::holds_alternative<double>(default_value)) {
    if (const auto number = read_number<double>(text)) value = *number;
  } else if (std::holds_alternative<std::string>(default_value)) {
    value = std::string(choices.empty() ? text : trimmed(text));
  } else {
    value = read_list(text);
  }
  return value && accepts(*value) ? value : std::nullopt;
}

const Option* find_option(std::string_view name) {
  for (const Option& option : option_table()) {
    if (option.name() == name) return &option;
  }
  return nullptr;
}

std::string nearest_option(std::string_view name) {
  const std::string_view full = name.substr(0, kLongestName);
  const std::string_view key = full.substr(full.find('.') + 1);
  std::size_t least = std::numeric_limits<std::size_t>::max();
  std::string nearest;
  for (const Option& option : option_table()) {
    // A right key in a wrong section is nearer than another key of that section.
    const std::size_t whole = 2 * edit_distance(full, option.name());
    const std::size_t elsewhere = 2 * edit_distance(key, option.key) + 1;
    if (const std::size_t distance = std::min(whole, elsewhere); distance < least) {
      least = distance;
      nearest = option.name();
    }
  }
  return nearest;
}

std::string to_toml(const OptionValue& value) {
  struct Visitor {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t integer) const { return std::to_string(integer); }
    std::string operator()(double number) const { return to_text(number); }
    std::string operator()(const std::string& text) const { return toml_string(text); }
    std::string operator()(const std::vector<std::string>& texts) const {
      std::string out = "[";
      for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + toml_string(text);
      return out + "]";
    }
  };
  return std::visit(Visitor{}, value);
}

}  // namespace curlew
