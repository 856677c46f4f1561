#include "curlew/app/install_completion.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <ostream>
#include <system_error>

#include "curlew/publish/printable.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

std::string variable(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

/// The folder of an XDG variable; the standard has relative ones ignored.
fs::path xdg_folder(const Environment& environment, std::string_view name, const fs::path& otherwise) {
  const fs::path folder = variable(environment, name);
  return folder.is_absolute() ? folder : otherwise;
}

[[noreturn]] void cannot_write(const fs::path& path, int error) {
  const auto why = error == 0 ? "it is no file" : std::generic_category().message(error);
  throw StartupError(ExitStatus::kEnvironment, fmt::format("{} cannot be written: {}", path.string(), why));
}

std::string text_of(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  if (!fs::is_regular_file(path, error)) cannot_write(path, error.value());
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) cannot_write(path, errno);
  return {std::istreambuf_iterator<char>(file), {}};
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) cannot_write(folder, error.value());
}

/// Writes a new file beside `path` and renames it, so that no shell ever reads half of it.
void replace(const fs::path& path, std::string_view text) {
  make_folder(path.parent_path());
  fs::path beside = path;
  beside += ".new";
  errno = 0;
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  if (!(file << text).flush()) cannot_write(path, errno);
  file.close();
  std::error_code error;
  fs::rename(beside, path, error);
  if (error) cannot_write(path, error.value());
}

/// Appends to the user's own file, which may be a link to where it is kept.
void append(const fs::path& path, std::string_view text) {
  make_folder(path.parent_path());
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::app);
  if (!(file << text).flush()) cannot_write(path, errno);
}

InstallPlan powershell_plan(const fs::path& config) {
  const fs::path folder = config / "powershell";
  return {.script = folder / "curlew-completion.ps1",
          .profile = folder / "Microsoft.PowerShell_profile.ps1",
          .lines = "\n# Completions of curlew\n. \"$PSScriptRoot/curlew-completion.ps1\"\n",
          .next = "Open a new PowerShell to use them."};
}

}  // namespace

InstallPlan plan_install(Shell shell, const Environment& environment) {
  const fs::path home = variable(environment, "HOME");
  if (!home.is_absolute()) {
    throw StartupError(ExitStatus::kEnvironment, "HOME is not set to a folder: where completions belong is not known");
  }
  const fs::path config = xdg_folder(environment, "XDG_CONFIG_HOME", home / ".config");
  const fs::path data = xdg_folder(environment, "XDG_DATA_HOME", home / ".local" / "share");
  switch (shell) {
    case Shell::kBash: {
      const fs::path script = data / "bash-completion" / "completions" / "curlew";
      return {
          .script = script,
          .profile = {},
          .lines = {},
          .next = "Open a new bash to use them. Without the package bash-completion, source this file in ~/.bashrc."};
    }
    case Shell::kZsh:
      return {
          .script = home / ".zfunc" / "_curlew",
          .profile = xdg_folder(environment, "ZDOTDIR", home) / ".zshrc",
          .lines = "\n# Completions of curlew\nfpath=(\"$HOME/.zfunc\" $fpath)\nautoload -Uz compinit && compinit\n",
          .next = "Open a new zsh to use them."};
    case Shell::kFish:
      return {.script = config / "fish" / "completions" / "curlew.fish",
              .profile = {},
              .lines = {},
              .next = "Open a new fish to use them."};
    case Shell::kPowershell:
    case Shell::kPwsh:
      break;
  }
  return powershell_plan(config);
}

std::optional<Shell> users_shell(const std::string& parent, const Environment& environment) {
  const auto calling = shell_of(parent);
  return calling ? calling : shell_of(fs::path(variable(environment, "SHELL")).filename().string());
}

std::string parent_name() {
  std::ifstream file(fmt::format("/proc/{}/comm", getppid()));
  std::string name;
  std::getline(file, name);
  return name;
}

ExitStatus install_completion(Shell shell, const Environment& environment, const Streams& streams) {
  const InstallPlan plan = plan_install(shell, environment);
  const auto tell = [&](const std::string& line) { streams.out << printable(line) << "\n"; };
  if (const auto script = completion_script(shell); text_of(plan.script) == script) {
    tell(fmt::format("{} is there already", plan.script.string()));
  } else {
    replace(plan.script, script);
    tell(fmt::format("wrote {}", plan.script.string()));
  }
  if (!plan.profile.empty()) {
    const std::string profile = text_of(plan.profile);
    if (profile.find(plan.lines.substr(1)) != std::string::npos) {
      tell(fmt::format("{} has its lines already", plan.profile.string()));
    } else {
      append(plan.profile, profile.ends_with('\n') || profile.empty() ? plan.lines : "\n" + plan.lines);
      tell(fmt::format("added the lines that load it to {}", plan.profile.string()));
    }
  }
  tell(plan.next);
  return ExitStatus::kOk;
}

}  // namespace curlew
