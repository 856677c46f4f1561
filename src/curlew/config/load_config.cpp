#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "curlew/config/config.hpp"
#include "curlew/config/option_table.hpp"
#include "curlew/publish/printable.hpp"

namespace curlew {
namespace {

using Status = Result<void, ConfigError>;

tl::unexpected<ConfigError> wrong(std::string message) { return tl::make_unexpected(ConfigError{std::move(message)}); }

/// More than this of a wrong value helps nobody.
constexpr std::size_t kShownBytes = 80;

/// toml++ goes as deep as a name has dots and overflows the stack at about 30,000; no config of ours has a tenth of
/// that.
constexpr std::ptrdiff_t kMaxDots = 10'000;

std::string shown(std::string_view text) {
  return printable(text.substr(0, kShownBytes)) + (text.size() > kShownBytes ? "…" : "");
}

/// The value of a TOML node in the type that `option` has; nothing where it has another.
std::optional<OptionValue> to_value(const toml::node& node, const Option& option) {
  const OptionValue& wanted = option.default_value;
  if (std::holds_alternative<std::vector<std::string>>(wanted)) {
    if (const auto* text = node.as_string()) return std::vector<std::string>{text->get()};
    const auto* array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const toml::node& element : *array) {
      const auto* text = element.as_string();
      if (text == nullptr) return std::nullopt;
      texts.push_back(text->get());
    }
    return texts;
  }
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* integer = node.as_integer()) {
    if (std::holds_alternative<double>(wanted)) return static_cast<double>(integer->get());
    return integer->get();
  }
  return std::nullopt;
}

std::string unknown_key(const std::string& name) {
  return fmt::format("there is no key {}; did you mean {}?", shown(name), nearest_option(name));
}

std::string unknown_section(std::string_view name) {
  std::vector<std::string_view> names;
  for (const OptionSection& section : option_sections()) names.push_back(section.name);
  return fmt::format("there is no section [{}]; there are {}", shown(name), fmt::join(names, ", "));
}

/// Reads one config file into a Config.
class File {
 public:
  File(std::string_view name, Config& config) : name_(printable(name)), config_(config) {}

  Status read(std::string_view text) {
    if (std::ranges::count(text, '.') > kMaxDots) {
      return wrong(fmt::format("{}: this is no config of Curlew: it has more than {} dots", name_, kMaxDots));
    }
    toml::table table;
    try {
      table = toml::parse(text);
    } catch (const toml::parse_error& error) {
      const auto& at = error.source().begin;
      return wrong(fmt::format("{}:{}: this is not TOML: {}", name_, at.line, shown(error.description())));
    }
    for (const auto& [name, node] : table) {
      if (Status status = section(std::string(name.str()), node); !status) return status;
    }
    return {};
  }

 private:
  std::string at(const toml::node& node) const { return fmt::format("{}:{}", name_, node.source().begin.line); }

  Status section(const std::string& name, const toml::node& node) {
    const bool known = std::ranges::any_of(option_sections(), [&](const OptionSection& s) { return s.name == name; });
    const auto* table = node.as_table();
    if (!known) {
      if (table == nullptr) return wrong(fmt::format("{}: {}", at(node), unknown_key(name)));
      return wrong(fmt::format("{}: {}", at(node), unknown_section(name)));
    }
    if (table == nullptr) return wrong(fmt::format("{}: [{}] must be a section with keys", at(node), name));
    for (const auto& [key, value] : *table) {
      if (Status status = one(fmt::format("{}.{}", name, key.str()), value); !status) return status;
    }
    return {};
  }

  Status one(const std::string& name, const toml::node& node) {
    const Option* option = find_option(name);
    if (option == nullptr) return wrong(fmt::format("{}: {}", at(node), unknown_key(name)));
    const auto value = to_value(node, *option);
    if (!value || !option->accepts(*value)) {
      const std::string given = value ? fmt::format(", not {}", shown(to_toml(*value))) : "";
      return wrong(fmt::format("{}: {} must be {}{}", at(node), name, option->allowed(), given));
    }
    option->set(config_, *value);
    return {};
  }

  std::string name_;
  Config& config_;
};

bool is_list(const Option& option) { return std::holds_alternative<std::vector<std::string>>(option.default_value); }

/// Whether nothing is a value: as a text and as a list it is.
bool may_be_empty(const Option& option) {
  return is_list(option) || (std::holds_alternative<std::string>(option.default_value) && option.choices.empty());
}

Status apply_environment(const Environment& environment, Config& config) {
  for (const Option& option : option_table()) {
    const auto found = environment.find(option.variable());
    if (found == environment.end() || (found->second.empty() && !may_be_empty(option))) continue;
    const auto value = option.read(found->second);
    if (!value) {
      return wrong(fmt::format("the environment variable {} must be {}, not {}", option.variable(), option.allowed(),
                               shown(found->second)));
    }
    option.set(config, *value);
  }
  return {};
}

Status apply_overrides(const std::vector<ConfigOverride>& overrides, Config& config) {
  for (const ConfigOverride& given : overrides) {
    const Option* option = find_option(given.key);
    if (option == nullptr) return wrong(fmt::format("{}: {}", given.flag, unknown_key(given.key)));
    std::optional<OptionValue> value;
    if (is_list(*option)) {
      value = given.values;
    } else if (given.values.size() == 1) {
      value = option->read(given.values.front());
    }
    if (!value || !option->accepts(*value)) {
      const std::string text = fmt::format("{}", fmt::join(given.values, " "));
      return wrong(fmt::format("{} must be {}, not {}", given.flag, option->allowed(), shown(text)));
    }
    option->set(config, *value);
  }
  return {};
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

/// Variables of a section that are no key. Warnings only: container platforms make such variables of service names.
std::vector<std::string> unknown_variables(const Environment& environment) {
  std::vector<std::string> warnings;
  for (const auto& [name, value] : environment) {
    const auto known = [&](const Option& option) { return option.variable() == name; };
    if (std::ranges::any_of(option_table(), known)) continue;
    for (const OptionSection& section : option_sections()) {
      const std::string prefix = fmt::format("CURLEW_{}_", upper(section.name));
      if (!name.starts_with(prefix)) continue;
      std::string key = name.substr(prefix.size());
      for (char& c : key) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      warnings.push_back(fmt::format("the environment variable {} is ignored: {}", shown(name),
                                     unknown_key(fmt::format("{}.{}", section.name, key))));
    }
  }
  return warnings;
}

}  // namespace

Result<LoadedConfig, ConfigError> load_config(const ConfigSources& sources) {
  LoadedConfig loaded;
  if (const Status status = apply_overrides(sources.presets, loaded.config); !status) {
    return tl::make_unexpected(status.error());
  }
  if (sources.toml) {
    const Status status = File(sources.file_name, loaded.config).read(*sources.toml);
    if (!status) return tl::make_unexpected(status.error());
  }
  if (const Status status = apply_environment(sources.environment, loaded.config); !status) {
    return tl::make_unexpected(status.error());
  }
  if (const Status status = apply_overrides(sources.overrides, loaded.config); !status) {
    return tl::make_unexpected(status.error());
  }
  loaded.warnings = unknown_variables(sources.environment);
  return loaded;
}

}  // namespace curlew
