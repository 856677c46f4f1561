#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "curlew/infer/model_files.hpp"

namespace curlew {

/// How many compiled networks are kept: a few models, each for a few counts of workers.
inline constexpr std::size_t kMaxBlobs = 16;

/// A folder of compiled networks. Whatever goes wrong with it costs time, never an answer: a blob that is broken,
/// foreign or of another key is not found.
///
/// A blob is written beside and renamed, and carries a SHA-256 over key, note and bytes, which is checked before it is
/// handed out. The ones not used for longest go when there are more than `max_blobs`.
/// Threads: any; other processes may use the folder as well.
class BlobCache {
 public:
  struct Blob {
    MappedFile file;
    std::string note;
    std::span<const std::byte> bytes;  ///< of `file`, page-aligned
  };

  /// An empty `folder` keeps nothing.
  explicit BlobCache(std::filesystem::path folder, std::size_t max_blobs = kMaxBlobs);

  /// `key` is any text that holds whatever the blob depends on.
  std::optional<Blob> find(const std::string& key) const;
  /// `note` is a short text that comes back with the blob.
  void keep(const std::string& key, const std::string& note, std::span<const std::byte> bytes) const;
  void drop(const std::string& key) const;

 private:
  std::filesystem::path path_of(const std::string& key) const;
  void trim() const;

  std::filesystem::path folder_;
  std::size_t max_blobs_;
};

}  // namespace curlew
