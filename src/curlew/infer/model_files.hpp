#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "curlew/base/byte_count.hpp"

namespace curlew {

/// The text of a small file; nothing where it cannot be read, is not a regular file or has more than `max_bytes`.
std::optional<std::string> read_small_file(const std::filesystem::path& path, ByteCount max_bytes);

/// SHA-256 of a file's bytes, hex; nothing where it cannot be read.
///
/// Cost: 1–2 ms a MiB at most; a few MiB are read from the page cache in less.
std::optional<std::string> sha256_of_file(const std::filesystem::path& path);

/// SHA-256 that stands for a whole network; nothing where a file of it cannot be read.
///
/// One file (.tflite, .onnx): its own. IR (.xml): over the .xml, then the .bin beside it where there is one. A
/// SavedModel (a folder): for each regular file in it, at any depth, in the byte order of their paths: the path
/// relative to the folder, a zero byte, the size in decimal, a zero byte, the bytes. At most 10,000 files.
std::optional<std::string> sha256_of_network(const std::filesystem::path& network);

/// A file mapped for reading. Whoever changes such files writes a new one and renames it: the mapping stays whole.
///
/// Ownership: unmapped when it goes.
class MappedFile {
 public:
  /// Nothing where it cannot be read or is empty.
  static std::optional<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

}  // namespace curlew
