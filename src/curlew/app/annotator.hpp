#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/unique_fd.hpp"
#include "curlew/pipeline/picture_observer.hpp"

namespace curlew {

/// Writes each picture that was named into a folder, with what was found in it: the whole picture, decoded once more.
///
/// Threads: all.
/// Cost:    7 bytes a pixel and the file while a picture is in work, freed with it.
class Annotator final : public PictureObserver {
 public:
  /// Makes `folder` where it is missing; `total` is the number of items, which names are padded for.
  ///
  /// Errors: StartupError (kEnvironment): the folder cannot be made or written, or a library for drawing is missing.
  Annotator(const std::filesystem::path& folder, std::size_t total);

  void named(const Item& item, std::span<const std::byte> bytes, Success& success, Decoder& decoder) override;

  /// How many pictures are in the folder.
  std::size_t written() const;
  /// How many are not.
  std::size_t failed() const;
  /// Why the first one is not; words for the person at the terminal.
  std::optional<std::string> first_failure() const;

 private:
  void note_failure(const std::string& name, std::string_view why);

  const std::filesystem::path folder_;
  const std::size_t total_;
  UniqueFd folder_fd_;
  mutable std::mutex mutex_;
  std::size_t written_ = 0;
  std::size_t failed_ = 0;
  std::optional<std::string> first_failure_;
};

}  // namespace curlew
