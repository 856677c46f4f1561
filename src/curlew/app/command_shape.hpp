#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace curlew {

/// What may stand where a value is wanted, as the value's name in the help tells: lower-case words are the choices
/// themselves, NAME is a model, DIR a folder; SOURCE, FILE and whatever has a dot (CONFIG.toml) are files.
struct ValueShape {
  std::vector<std::string> choices;
  bool models = false;
  bool files = false;
  bool folders = false;
};

/// An option, a flag or a positional argument.
struct OptionShape {
  std::vector<std::string> names;  ///< "--csv", "-c"; long ones first; empty for a positional
  std::string help;
  ValueShape value;
  bool takes_value = false;
  bool value_may_be_missing = false;
  bool repeats = false;  ///< a positional that takes all that follow
};

/// A command with all below it, without what the help hides.
struct CommandShape {
  std::string name;
  std::string help;
  std::vector<OptionShape> options;
  std::vector<OptionShape> positionals;
  std::vector<CommandShape> commands;
};

/// The value that "text|json", "NAME|FILE" or "FILE.csv" stands for.
ValueShape value_shape(const std::string& name);

/// The shape of a tree of CLI11.
CommandShape shape_of(const CLI::App& app);

}  // namespace curlew
