#include "curlew/app/models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/app/assemble.hpp"
#include "curlew/app/interruption.hpp"
#include "curlew/app/status_line.hpp"
#include "curlew/app/verdict.hpp"
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

/// Whether the files are those that `classify` would use: a damaged one in the cache would be brought anew.
bool is_to_be_run(const ModelLibrary& library, const ModelCard& card, const std::vector<FileCheck>& checks) {
  const auto where = library.status(card).where;
  const bool differs =
      std::ranges::any_of(checks, [](const FileCheck& check) { return check.state == FileState::kDiffers; });
  return where == Whereabouts::kFound || (where == Whereabouts::kCached && !differs);
}

ExitStatus verify_one(ModelLibrary& library, const ModelCard& card, const Streams& streams, Asked asked) {
  const auto checks = library.verify(card.name);
  if (!checks) throw StartupError(ExitStatus::kEnvironment, checks.error().message);
  for (const auto& check : *checks) {
    streams.out << printable(fmt::format("{}: {}: {}{}", card.name, check.name, word(check.state),
                                         check.path.empty() ? "" : fmt::format(" ({})", check.path.string())))
                << "\n";
  }
  const auto files = judge_files(*checks, downloadable(card), asked);
  if (!is_to_be_run(library, card, *checks)) return files;
  const auto report = library.self_test(card.name);
  const Verdict said = report ? judge_answers(card.name, *report)
                              : Verdict{.line = fmt::format("{}: refused: {}", card.name, report.error().message),
                                        .status = ExitStatus::kSomeFailed};
  streams.out << printable(said.line) << "\n";
  return files == ExitStatus::kOk ? said.status : files;
}

ExitStatus verify(ModelLibrary& library, const std::optional<std::string>& name, const Streams& streams) {
  if (name) {
    const auto card = library.card(*name);
    if (!card) throw StartupError(ExitStatus::kEnvironment, card.error().message);
    return verify_one(library, *card, streams, Asked::kByName);
  }
  auto status = ExitStatus::kOk;
  for (const auto& card : library.cards()) {
    if (verify_one(library, card, streams, Asked::kAmongAll) != ExitStatus::kOk) status = ExitStatus::kSomeFailed;
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
  return verify(*room.library, command.name, streams);
}

}  // namespace curlew
