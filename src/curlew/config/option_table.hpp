#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "curlew/config/config.hpp"

namespace curlew {

/// What a key holds; the alternative of its default is its type.
using OptionValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// One key of the config. A further key is a further row in option_table.cpp and a member of Config; file, environment,
/// flags, help and docs follow.
struct Option {
  std::string_view section;
  std::string_view key;
  OptionValue default_value;
  double min = 0;                         ///< numbers only
  double max = 0;                         ///< numbers only
  std::vector<std::string_view> choices;  ///< texts only; empty: any text
  std::string_view help;                  ///< one sentence, in which the unit is told
  void (*set)(Config& config, const OptionValue& value);

  /// "fetch.tries"
  std::string name() const;
  /// "CURLEW_FETCH_TRIES"
  std::string variable() const;
  /// What is allowed, to follow "must be": "an integer from 1 to 10".
  std::string allowed() const;
  /// Whether `value` has this key's type and lies within its limits.
  bool accepts(const OptionValue& value) const;
  /// Reads a value as the environment and flags have it, lists separated by commas; nothing where it is not allowed.
  std::optional<OptionValue> read(std::string_view text) const;
};

/// A section of the config, with a sentence on what it is about.
struct OptionSection {
  std::string_view name;
  std::string_view sentence;
};

/// All sections, in the order of the docs.
std::span<const OptionSection> option_sections();

/// All keys, section by section.
std::span<const Option> option_table();

/// The key of that name ("fetch.tries"), or nullptr.
const Option* find_option(std::string_view name);

/// The name of the known key that is most like `name`, which is none: `trys` or `fetch.trys` gives "fetch.tries".
std::string nearest_option(std::string_view name);

/// `value` as TOML writes it.
std::string to_toml(const OptionValue& value);

}  // namespace curlew
