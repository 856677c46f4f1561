#include "curlew/app/run.hpp"

#include <exception>
#include <ostream>
#include <type_traits>
#include <variant>

#include "curlew/app/children.hpp"
#include "curlew/app/command_line.hpp"
#include "curlew/app/completion_command.hpp"
#include "curlew/app/healthcheck.hpp"
#include "curlew/app/models.hpp"
#include "curlew/app/name_pictures.hpp"
#include "curlew/app/predict.hpp"
#include "curlew/app/serve.hpp"
#include "curlew/app/work.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/publish/printable.hpp"

namespace curlew {
namespace {

constexpr const char* kCannotWrite = "the results cannot be written to standard output; is the disk full?";

ExitStatus dispatch(const Command& command, const Environment& environment, const Streams& streams) {
  return std::visit(
      [&](const auto& chosen) -> ExitStatus {
        using Chosen = std::decay_t<decltype(chosen)>;
        if constexpr (std::is_same_v<Chosen, ShowText>) {
          (chosen.status == ExitStatus::kOk ? streams.out : streams.err) << chosen.text << std::flush;
          return chosen.status;
        } else if constexpr (std::is_same_v<Chosen, PicturesCommand>) {
          return name_pictures(chosen, environment, streams);
        } else if constexpr (std::is_same_v<Chosen, ServiceCommand>) {
          return serve(chosen, environment, streams);
        } else if constexpr (std::is_same_v<Chosen, WorkerCommand>) {
          return work(chosen, environment, streams);
        } else if constexpr (std::is_same_v<Chosen, PredictCommand>) {
          return predict(chosen, environment, streams);
        } else if constexpr (std::is_same_v<Chosen, HealthcheckCommand>) {
          return healthcheck(chosen, environment, streams);
        } else if constexpr (std::is_same_v<Chosen, ShellCompletionCommand>) {
          return shell_completion(chosen, environment, streams);
        } else if constexpr (std::is_same_v<Chosen, CompleteCommand>) {
          return complete_words(chosen, streams);
        } else {
          return models(chosen, environment, streams);
        }
      },
      command);
}

}  // namespace

int run(std::span<const std::string> arguments, const Environment& environment, const Streams& streams) {
  try {
    if (const auto status = run_as_child(arguments, environment)) return *status;
    const auto status = dispatch(parse_command_line(arguments), environment, streams);
    if (!streams.out.flush()) throw StartupError(ExitStatus::kEnvironment, kCannotWrite);
    return static_cast<int>(status);
  } catch (const StartupError& e) {
    streams.err << "curlew: " << printable(e.what()) << "\n";
    return static_cast<int>(e.status());
  } catch (const std::exception& e) {
    // Nothing but start-up throws on this thread: memory or threads ran out, or it is a bug.
    streams.err << "curlew: could not go on: " << printable(e.what()) << "\n";
    return static_cast<int>(ExitStatus::kEnvironment);
  }
}

}  // namespace curlew
