#include "curlew/app/command_shape.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

namespace curlew {
namespace {

bool is_choice(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

void add_word(ValueShape& value, const std::string& word) {
  value.models = value.models || word == "NAME";
  value.folders = value.folders || word == "DIR";
  const bool file = word == "FILE" || word == "SOURCE" || word.find('.') != std::string::npos;
  value.files = value.files || file;
  if (is_choice(word)) value.choices.push_back(word);
}

OptionShape shape_of(const CLI::Option& option) {
  OptionShape shape;
  for (const auto& name : option.get_lnames()) shape.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) shape.names.push_back("-" + name);
  shape.help = option.get_description();
  shape.takes_value = option.get_items_expected_max() > 0;
  shape.value_may_be_missing = option.get_items_expected_min() == 0;
  shape.repeats = option.get_items_expected_max() > 1;
  const std::string type = option.get_type_name();
  shape.value = value_shape(option.get_positional() ? option.get_name(true) : type.substr(0, type.find(':')));
  return shape;
}

}  // namespace

ValueShape value_shape(const std::string& name) {
  ValueShape value;
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const auto end = std::min(name.find('|', begin), name.size());
    add_word(value, name.substr(begin, end - begin));
    begin = end + 1;
  }
  return value;
}

CommandShape shape_of(const CLI::App& app) {
  CommandShape shape{
      .name = app.get_name(), .help = app.get_description(), .options = {}, .positionals = {}, .commands = {}};
  for (const auto* option : app.get_options()) {
    if (option->get_positional()) {
      shape.positionals.push_back(shape_of(*option));
    } else if (!option->get_group().empty()) {  // no group: hidden
      shape.options.push_back(shape_of(*option));
    }
  }
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) shape.commands.push_back(shape_of(*command));
  }
  return shape;
}

}  // namespace curlew
