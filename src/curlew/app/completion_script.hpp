#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace curlew {

enum class Shell : std::uint8_t { kBash, kZsh, kFish, kPowershell, kPwsh };

/// The shells' names as they are written on the command line, in the order of Shell, separated by |.
inline constexpr std::string_view kShellNames = "bash|zsh|fish|powershell|pwsh";

/// The shell of that name; nothing for any other.
std::optional<Shell> shell_of(std::string_view name);
std::string_view to_string(Shell shell);

/// The script that makes `shell` ask `curlew complete` what may stand at the cursor. It hands the words over as they
/// are and takes the answers as text: neither is ever evaluated.
std::string_view completion_script(Shell shell);

}  // namespace curlew
