#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "curlew/config/config.hpp"
#include "curlew/core/task.hpp"
#include "curlew/spawn/child_process.hpp"

namespace curlew {

/// This program as a child that decodes.
ChildCommand decode_child(const Environment& environment);

/// This program as a child that runs `model`, a name or a file, for `task`, configured by the same file and environment
/// as this process.
ChildCommand lane_child(const std::string& model, Task task, const std::optional<std::string>& config_file,
                        const Environment& environment);

/// Where `arguments` are those of a child: its whole life, and the process's exit status.
std::optional<int> run_as_child(std::span<const std::string> arguments, const Environment& environment);

}  // namespace curlew
