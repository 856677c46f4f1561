#pragma once

#include "curlew/app/command_line.hpp"
#include "curlew/app/streams.hpp"

namespace curlew {

/// `curlew --show-completion`, `curlew --install-completion`
///
/// Errors: StartupError where the user's shell cannot be told (kUsage), or a file cannot be written (kEnvironment).
ExitStatus shell_completion(const ShellCompletionCommand& command, const Environment& environment,
                            const Streams& streams);

/// `curlew complete`: writes what the shells' scripts read, see completion_lines.
///
/// Cost: a few milliseconds; it neither reads a config nor starts an engine.
ExitStatus complete_words(const CompleteCommand& command, const Streams& streams);

}  // namespace curlew
