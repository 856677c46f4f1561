#include "curlew/app/completion_script.hpp"

#include <cstddef>

namespace curlew {
namespace {

constexpr std::string_view kNames[] = {"bash", "zsh", "fish", "powershell", "pwsh"};

// Needs nothing of the package bash-completion. `compgen -W` would evaluate its words, so they are read line by line.
constexpr std::string_view kBash = R"BASH(# Completions of curlew for bash.
_curlew() {
  local line paths=none word=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) paths=${line#:} ;;
      *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <(command curlew complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [[ $word == '=' ]] && word=
  if [[ $paths == folders ]]; then
    compopt -o dirnames 2>/dev/null
  elif [[ $paths == files ]]; then
    if ((${#COMPREPLY[@]})); then
      while IFS= read -r line; do
        COMPREPLY+=("$line")
      done < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null
    else
      compopt -o default 2>/dev/null
    fi
  fi
}
complete -F _curlew curlew
)BASH";

constexpr std::string_view kZsh = R"ZSH(#compdef curlew
# Completions of curlew for zsh: as _curlew in a folder of fpath, or sourced after compinit.
_curlew() {
  local line word paths=none
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :* ]]; then
      paths=${line#:}
    else
      word=${line%%$'\t'*}
      candidates+=("${word//:/\\:}:${line#*$'\t'}")
    fi
  done < <(command curlew complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  local found=1
  if (( $#candidates )); then
    _describe -t values 'curlew' candidates && found=0
  fi
  [[ $paths == none ]] && return found
  compset -P '--*='
  if [[ $paths == folders ]]; then
    _files -/ && found=0
  else
    _files && found=0
  fi
  return found
}
if [[ $funcstack[1] == _curlew ]]; then
  _curlew "$@"
elif (( $+functions[compdef] )); then
  compdef _curlew curlew
fi
)ZSH";

constexpr std::string_view kFish = R"FISH(# Completions of curlew for fish.
function __curlew_complete
    set -l before (commandline -opc)
    set -e before[1]
    set -l token (commandline -ct)
    set -l paths none
    for line in (command curlew complete -- $before "$token" 2>/dev/null)
        if string match -q -- ':*' "$line"
            set paths (string sub -s 2 -- "$line")
        else
            printf '%s\n' "$line"
        end
    end
    test "$paths" = none; and return
    set -l option (string match -r -- '^--[^=]+=' "$token")
    set -l typed (string replace -r -- '^--[^=]+=' '' "$token")
    set -l finder __fish_complete_path
    test "$paths" = folders; and set finder __fish_complete_directories
    for path in ($finder "$typed")
        printf '%s\n' "$option$path"
    end
end
complete -c curlew -f -a '(__curlew_complete)'
)FISH";

// An empty word at the cursor is told by --next: PowerShell before 7.3 drops empty arguments.
constexpr std::string_view kPowershell = R"PWSH(# Completions of curlew for PowerShell.
Register-ArgumentCompleter -Native -CommandName curlew -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    $ends = if ($wordToComplete -eq '') { '--next' } else { '--' }
    $arguments = @('complete', $ends) + $words
    & curlew @arguments 2>$null | ForEach-Object {
        $word, $help = $_ -split "`t", 2
        if ($_.StartsWith(':')) { return }
        if (-not $help) { $help = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $help)
    }
}
)PWSH";

}  // namespace

std::optional<Shell> shell_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Shell>(i);
  }
  return std::nullopt;
}

std::string_view to_string(Shell shell) { return kNames[static_cast<std::size_t>(shell)]; }

std::string_view completion_script(Shell shell) {
  switch (shell) {
    case Shell::kBash:
      return kBash;
    case Shell::kZsh:
      return kZsh;
    case Shell::kFish:
      return kFish;
    case Shell::kPowershell:
    case Shell::kPwsh:
      break;
  }
  return kPowershell;
}

}  // namespace curlew
