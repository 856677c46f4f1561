#include "curlew/app/models.hpp"

#include <fmt/format.h>

#include <ostream>
#include <stop_token>
#include <string_view>

#include "curlew/app/assemble.hpp"
#include "curlew/app/interruption.hpp"
#include "curlew/app/status_line.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/publish/printable.hpp"

namespace curlew {
namespace {

std::string_view word(Whereabouts where) {
  switch (where) {
    case Whereabouts::kFound:
      return "here";
    case Whereabouts::kCached:
      return "in the cache";
    case Whereabouts::kDownloadable:
      return "to be downloaded at first use";
    case Whereabouts::kMissing:
      break;
  }
  return "missing";
}

std::string_view word(FileState state) {
  switch (state) {
    case FileState::kOk:
      return "ok";
    case FileState::kUnbound:
      return "here, the card has no checksum for it";
    case FileState::kDiffers:
      return "differs from the card's";
    case FileState::kMissing:
      break;
  }
  return "missing";
}

ExitStatus list(const ModelLibrary& library, const Streams& streams) {
  for (const auto& card : library.cards()) {
    const auto status = library.status(card);
    streams.out << printable(fmt::format("{:<12} {:<9} {}", card.name,
                                         card.task == Task::kClassify ? "classify" : "detect", card.title))
                << "\n";
    streams.out << printable(fmt::format("{:<12} {}; {}{}", "", card.licence, word(status.where),
                                         status.folder.empty() ? "" : ": " + status.folder.string()))
                << "\n";
  }
  return ExitStatus::kOk;
}

ExitStatus pull(const ModelLibrary& library, const std::string& name, const Streams& streams, StatusLine& line) {
  std::stop_source stop;
  Interruption interruption;
  interruption.on_first([&stop] { stop.request_stop(); });
  const auto found = library.pull(name, stop.get_token());
  line.clear();
  if (interruption.happened()) return ExitStatus::kInterrupted;
  if (!found) throw StartupError(ExitStatus::kEnvironment, found.error().message);
  streams.out << printable(fmt::format("{} is here: {} (sha256 {})", name, found->network.string(), found->sha256))
              << "\n";
  return ExitStatus::kOk;
}

ExitStatus verify_one(const ModelLibrary& library, const std::string& name, const Streams& streams) {
  const auto checks = library.verify(name);
  if (!checks) throw StartupError(ExitStatus::kEnvironment, checks.error().message);
  auto status = ExitStatus::kOk;
  for (const auto& check : *checks) {
    streams.out << printable(fmt::format("{}: {}: {}{}", name, check.name, word(check.state),
                                         check.path.empty() ? "" : fmt::format(" ({})", check.path.string())))
                << "\n";
    if (check.state == FileState::kDiffers) status = ExitStatus::kSomeFailed;
  }
  return status;
}

}  // namespace

ExitStatus models(const ModelsCommand& command, const Environment& environment, const Streams& streams) {
  const Config config = configure(command.common, environment);
  StatusLine line(streams, command.common.verbosity > 0);
  const auto room = assemble_models(config, environment, 1, show_download(line));
  switch (command.action) {
    case ModelsCommand::Action::kList:
      return list(*room.library, streams);
    case ModelsCommand::Action::kPull:
      return pull(*room.library, command.name.value_or(""), streams, line);
    case ModelsCommand::Action::kVerify:
      break;
  }
  if (command.name) return verify_one(*room.library, *command.name, streams);
  auto status = ExitStatus::kOk;
  for (const auto& card : room.library->cards()) {
    if (verify_one(*room.library, card.name, streams) != ExitStatus::kOk) status = ExitStatus::kSomeFailed;
  }
  return status;
}

}  // namespace curlew
