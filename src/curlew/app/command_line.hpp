#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "curlew/app/command_shape.hpp"
#include "curlew/app/completion_script.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/config/config.hpp"
#include "curlew/core/task.hpp"

namespace curlew {

/// Help, the version, or what is wrong with the arguments.
struct ShowText {
  std::string text;
  ExitStatus status = ExitStatus::kOk;  ///< kOk goes to stdout, all others to stderr
};

/// What every subcommand knows.
struct CommonOptions {
  std::optional<std::string> config_file;
  int verbosity = 0;                    ///< how often -v was given
  std::vector<ConfigOverride> presets;  ///< the command's own defaults
  std::vector<ConfigOverride> overrides;
};

/// How results are written to stdout.
enum class OutputFormat : std::uint8_t { kText, kJson, kNdjson, kCsv };

/// `curlew classify`, `curlew detect`
struct PicturesCommand {
  Task task = Task::kClassify;
  CommonOptions common;
  std::vector<std::string> sources;     ///< URLs, paths, folders, "-"
  std::optional<std::string> csv_file;  ///< -c
  std::optional<std::string> model;     ///< a name or a file; the config's otherwise
  int top = 3;                          ///< classify
  std::optional<float> threshold;       ///< detect; the model's card's otherwise
  std::optional<std::string> annotate;  ///< detect: the folder for pictures with boxes
  bool spawn = false;                   ///< decode and name in child processes
  OutputFormat format = OutputFormat::kText;
};

/// `curlew service`
struct ServiceCommand {
  CommonOptions common;
  bool show_defaults = false;  ///< --defaultconfig
};

/// `curlew worker`
struct WorkerCommand {
  CommonOptions common;
};

/// `curlew predict`: asks a service over ZeroMQ.
struct PredictCommand {
  CommonOptions common;
  std::string urls;                     ///< -u, separated by commas
  std::optional<std::string> csv_file;  ///< -c
  std::optional<double> timeout_s;      ///< from the start; nothing: as long as the service shows signs of life
  OutputFormat format = OutputFormat::kText;
  // What is not given is not sent: the service's config decides, and a Python service knows none of them.
  std::optional<Task> task;
  std::optional<std::string> model;
  std::optional<int> top;
  std::optional<float> threshold;
};

/// `curlew models …`
struct ModelsCommand {
  enum class Action : std::uint8_t { kList, kPull, kVerify };
  CommonOptions common;
  Action action = Action::kList;
  std::optional<std::string> name;
};

/// `curlew healthcheck`: asks whether a service, or a worker, is ready.
struct HealthcheckCommand {
  CommonOptions common;
  std::optional<std::string> url;  ///< nothing: where the config says that it listens
  bool worker = false;             ///< --worker
};

/// `curlew --show-completion [SHELL]`, `curlew --install-completion [SHELL]`
struct ShellCompletionCommand {
  enum class Action : std::uint8_t { kShow, kInstall };
  Action action = Action::kShow;
  std::optional<Shell> shell;  ///< nothing: the one that the user runs
};

/// `curlew complete -- WORDS…`: what the scripts of completion_script.hpp ask. No help tells of it.
struct CompleteCommand {
  std::vector<std::string> words;  ///< after the program's name; the last is being typed
};

using Command = std::variant<ShowText, PicturesCommand, ServiceCommand, WorkerCommand, PredictCommand, ModelsCommand,
                             HealthcheckCommand, ShellCompletionCommand, CompleteCommand>;

/// Reads the arguments, without the program's name. Wrong ones give a ShowText with kUsage.
Command parse_command_line(std::span<const std::string> arguments);

/// All that parse_command_line understands, without what the help hides.
CommandShape command_shape();

}  // namespace curlew
