#include <fmt/format.h>

#include <string>

#include "curlew/config/config.hpp"
#include "curlew/config/option_table.hpp"

namespace curlew {
namespace {

/// `|` would end a cell of the table.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.insert(at, 1, '\\');
  return text;
}

constexpr std::string_view kIntroduction =
    R"(# Configuration

<!-- Written by the tests from src/curlew/config/option_table.cpp: run them with CURLEW_UPDATE_DOCS=1 to write it again. -->

Every key can be set in a TOML file, in the environment and, for some, by a flag. A flag goes before the environment, the
environment before the file, the file before the default. The variable of a key is `CURLEW_<SECTION>_<KEY>`; lists in it
are separated by commas (`CURLEW_FETCH_ALLOW_NET=10.1.0.0/16,fd00::/8`); set to nothing it counts for texts and lists only.
In a file, a list of one may be a plain text, and an unknown key is an error that names the nearest known one.

These variables are read besides:

| variable | what it sets | default |
| --- | --- | --- |
| `CURLEW_MODELS` | folders, separated by `:`, that are searched for a model's files before any download | |
| `CURLEW_CACHE` | the folder of downloaded models and compiled networks | `$XDG_CACHE_HOME/curlew`, else `~/.cache/curlew` |
)";

}  // namespace

std::string default_config_toml() {
  std::string out = "# The configuration of Curlew with its defaults. Any key may be left out.\n";
  for (const OptionSection& section : option_sections()) {
    out += fmt::format("\n# {}\n[{}]\n", section.sentence, section.name);
    for (const Option& option : option_table()) {
      if (option.section != section.name) continue;
      out += fmt::format("# {} Must be {}.\n{} = {}\n", option.help, option.allowed(), option.key,
                         to_toml(option.default_value));
    }
  }
  return out;
}

std::string configuration_markdown() {
  std::string out(kIntroduction);
  for (const OptionSection& section : option_sections()) {
    out += fmt::format("\n## [{}]\n\n{}\n\n| key | default | must be | what it sets |\n| --- | --- | --- | --- |\n",
                       section.name, section.sentence);
    for (const Option& option : option_table()) {
      if (option.section != section.name) continue;
      out += fmt::format("| `{}` | `{}` | {} | {} |\n", option.key, cell(to_toml(option.default_value)),
                         option.allowed(), cell(std::string(option.help)));
    }
  }
  return out;
}

}  // namespace curlew
