#include "curlew/app/completion.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace curlew {
namespace {

constexpr std::string_view kPathWords[] = {":none\n", ":files\n", ":folders\n"};  // in the order of Paths

/// Where in the command line the cursor is.
struct Place {
  const CommandShape* command;
  const OptionShape* wanting = nullptr;  ///< the option whose value is due
  std::size_t positionals = 0;           ///< how many stand already
  bool options_ended = false;            ///< by --
};

bool looks_like_option(const Place& place, std::string_view word) {
  return !place.options_ended && word.size() > 1 && word.starts_with('-');
}

const OptionShape* find_option(const CommandShape& command, std::string_view name) {
  const auto named = [&](const OptionShape& option) {
    return std::ranges::find(option.names, name) != option.names.end();
  };
  const auto option = std::ranges::find_if(command.options, named);
  return option == command.options.end() ? nullptr : &*option;
}

/// Steps over a word that stands before the cursor.
void pass(Place& place, const std::string& word) {
  const bool is_option = looks_like_option(place, word);
  const auto* wanting = std::exchange(place.wanting, nullptr);
  if (wanting != nullptr && !(wanting->value_may_be_missing && is_option)) return;
  if (!place.options_ended && word == "--") {
    place.options_ended = true;
  } else if (is_option) {
    const auto* option = find_option(*place.command, word);  // --name=value is not found, and wants nothing more
    if (option != nullptr && option->takes_value) place.wanting = option;
  } else {
    const auto& commands = place.command->commands;
    const auto chosen = std::ranges::find(commands, word, &CommandShape::name);
    if (place.options_ended || place.positionals > 0 || chosen == commands.end()) {
      ++place.positionals;
    } else {
      place = {.command = &*chosen};
    }
  }
}

class Answer {
 public:
  Answer(std::string typed, std::span<const CompletionWord> models) : typed_(std::move(typed)), models_(models) {}

  void offer(const std::string& word, const std::string& help) {
    if (word.starts_with(typed_)) answer_.candidates.push_back({.word = word, .help = help});
  }

  void offer_value(const ValueShape& value, const std::string& prefix) {
    for (const auto& choice : value.choices) offer(prefix + choice, "");
    if (value.models) {
      for (const auto& model : models_) offer(prefix + model.word, model.help);
    }
    answer_.paths = value.files ? Paths::kFiles : value.folders ? Paths::kFolders : Paths::kNone;
  }

  void offer_options(const CommandShape& command) {
    for (const auto& option : command.options) {
      for (const auto& name : option.names) {
        const bool has_long = option.names.front().starts_with("--");
        if (!has_long || name.starts_with("--")) offer(name, option.help);
      }
    }
  }

  void offer_plain(const Place& place) {
    const auto& command = *place.command;
    if (!place.options_ended && place.positionals == 0) {
      for (const auto& below : command.commands) offer(below.name, below.help);
    }
    if (command.positionals.empty()) return;
    const auto at = std::min(place.positionals, command.positionals.size() - 1);
    const auto& positional = command.positionals[at];
    if (place.positionals == at || positional.repeats) offer_value(positional.value, "");
  }

  Completions take() { return std::move(answer_); }

 private:
  std::string typed_;
  std::span<const CompletionWord> models_;
  Completions answer_;
};

}  // namespace

Completions complete(const CommandShape& command, std::span<const std::string> words,
                     std::span<const CompletionWord> models) {
  std::string typed = words.empty() ? "" : words.back();
  auto before = words.first(words.empty() ? 0 : words.size() - 1);
  // What bash has split: the sign may be the word at the cursor, or the one before it.
  if (typed == "=" && !before.empty()) {
    typed.clear();
  } else if (before.size() > 1 && before.back() == "=") {
    before = before.first(before.size() - 1);
  }
  Place place{.command = &command};
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool sign = before[i] == "=" && place.wanting != nullptr;
    if (!sign) pass(place, before[i]);
  }

  Answer answer(typed, models);
  const auto sign = typed.find('=');
  if (place.wanting != nullptr) {
    answer.offer_value(place.wanting->value, "");
    if (place.wanting->value_may_be_missing && looks_like_option(place, typed)) answer.offer_options(*place.command);
  } else if (looks_like_option(place, typed) && sign != std::string::npos) {
    const auto* option = find_option(*place.command, std::string_view(typed).substr(0, sign));
    if (option != nullptr && option->takes_value) answer.offer_value(option->value, typed.substr(0, sign + 1));
  } else if (typed == "-" || looks_like_option(place, typed)) {
    if (!place.options_ended) answer.offer_options(*place.command);
  } else {
    answer.offer_plain(place);
  }
  return answer.take();
}

std::string completion_lines(const Completions& completion) {
  std::string lines(kPathWords[static_cast<std::size_t>(completion.paths)]);
  for (const auto& candidate : completion.candidates) {
    std::string help = candidate.help;
    std::ranges::replace_if(
        help, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    lines += candidate.word + "\t" + help + "\n";
  }
  return lines;
}

}  // namespace curlew
