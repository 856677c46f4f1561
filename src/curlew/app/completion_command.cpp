#include "curlew/app/completion_command.hpp"

#include <fmt/format.h>

#include <ostream>
#include <vector>

#include "curlew/app/completion.hpp"
#include "curlew/app/install_completion.hpp"
#include "curlew/infer/builtin_cards.hpp"

namespace curlew {

ExitStatus shell_completion(const ShellCompletionCommand& command, const Environment& environment,
                            const Streams& streams) {
  const auto shell = command.shell ? command.shell : users_shell(parent_name(), environment);
  if (!shell) {
    throw StartupError(ExitStatus::kUsage, fmt::format("which shell you run cannot be told; name it: {}", kShellNames));
  }
  if (command.action == ShellCompletionCommand::Action::kInstall)
    return install_completion(*shell, environment, streams);
  streams.out << completion_script(*shell);
  return ExitStatus::kOk;
}

ExitStatus complete_words(const CompleteCommand& command, const Streams& streams) {
  std::vector<CompletionWord> models;
  for (const auto& card : builtin_cards()) models.push_back({.word = card.name, .help = card.title});
  streams.out << completion_lines(complete(command_shape(), command.words, models));
  return ExitStatus::kOk;
}

}  // namespace curlew
