#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "curlew/app/completion_script.hpp"
#include "curlew/app/streams.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/config/config.hpp"

namespace curlew {

/// What installing means for one shell.
struct InstallPlan {
  std::filesystem::path script;   ///< where the shell looks for it
  std::filesystem::path profile;  ///< a file of the user's that must hold `lines`; empty: none
  std::string lines;              ///< with line ends
  std::string next;               ///< what is left to do
};

/// Where `shell` wants its completions, by HOME, XDG_DATA_HOME, XDG_CONFIG_HOME and ZDOTDIR.
///
/// Errors: StartupError (kEnvironment) without a HOME.
InstallPlan plan_install(Shell shell, const Environment& environment);

/// The shell that the user runs: the program that called this one, if it is a shell, else the one that SHELL names.
/// `parent` is the caller's name.
std::optional<Shell> users_shell(const std::string& parent, const Environment& environment);

/// The name of the process that started this one; empty where it cannot be told.
std::string parent_name();

/// Does what the plan says, and tells it on streams.out. What is there already stays as it is.
///
/// Errors: StartupError (kEnvironment) for a file that cannot be written.
ExitStatus install_completion(Shell shell, const Environment& environment, const Streams& streams);

}  // namespace curlew
