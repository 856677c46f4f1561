#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "curlew/app/command_shape.hpp"

namespace curlew {

/// A word that may stand at the cursor, and what it means.
struct CompletionWord {
  std::string word;
  std::string help;
};

/// What of the file system may stand there too; the shell finds it.
enum class Paths : std::uint8_t { kNone, kFiles, kFolders };

struct Completions {
  std::vector<CompletionWord> candidates;
  Paths paths = Paths::kNone;
};

/// What may stand in place of the last of `words`, which is what was typed so far and may be empty; the words before
/// it are those after the program's name. `models` are the names that a NAME may be.
///
/// Bash splits words at `=`: "--format", "=", "js" is read as one, and answered for the part after the sign.
Completions complete(const CommandShape& command, std::span<const std::string> words,
                     std::span<const CompletionWord> models);

/// The lines that the scripts of completion_script.hpp read: first :none, :files or :folders, then for each candidate
/// the word, a tab, and its help without control characters.
std::string completion_lines(const Completions& completion);

}  // namespace curlew
