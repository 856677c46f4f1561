#include "curlew/infer/model_files.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "curlew/base/sha256.hpp"
#include "curlew/base/unique_fd.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSavedModelFiles = 10'000;
constexpr std::size_t kBlockBytes = 256 * kKiB;  // large enough that the calls cost nothing, small enough for the L2

UniqueFd open_to_read(const fs::path& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

/// The size of the open regular file `fd`; nothing where it is something else.
std::optional<ByteCount> regular_size(const UniqueFd& fd) {
  struct stat status = {};
  if (!fd.ok() || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<ByteCount>(status.st_size);
}

bool add_file(Sha256& sum, const fs::path& path) {
  const UniqueFd fd = open_to_read(path);
  if (!regular_size(fd)) return false;
  std::vector<std::byte> block(kBlockBytes);
  while (true) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    sum.add(std::span(block).first(static_cast<std::size_t>(got)));
  }
}

void add_text(Sha256& sum, const std::string& text) {
  sum.add(std::as_bytes(std::span(text.c_str(), text.size() + 1)));  // the zero byte too
}

std::optional<std::string> sha256_of_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!entry->is_regular_file(error) || error) continue;
    files.push_back(entry->path());
    if (files.size() > kMaxSavedModelFiles) return std::nullopt;
  }
  if (error || files.empty()) return std::nullopt;
  std::ranges::sort(files, {}, [](const fs::path& path) { return path.native(); });
  Sha256 sum;
  for (const fs::path& file : files) {
    const auto size = fs::file_size(file, error);
    if (error) return std::nullopt;
    add_text(sum, file.lexically_relative(folder).generic_string());
    add_text(sum, std::to_string(size));
    if (!add_file(sum, file)) return std::nullopt;
  }
  return sum.hex();
}

}  // namespace

std::optional<std::string> read_small_file(const fs::path& path, ByteCount max_bytes) {
  const UniqueFd fd = open_to_read(path);
  const auto size = regular_size(fd);
  if (!size || *size > max_bytes) return std::nullopt;
  std::string text;
  std::array<char, 64 * kKiB> block{};
  while (text.size() <= max_bytes) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
  }
  return std::nullopt;  // it grew while it was read
}

std::optional<std::string> sha256_of_file(const fs::path& path) {
  Sha256 sum;
  if (!add_file(sum, path)) return std::nullopt;
  return sum.hex();
}

std::optional<std::string> sha256_of_network(const fs::path& network) {
  std::error_code error;
  if (fs::is_directory(network, error)) return sha256_of_folder(network);
  if (network.extension() != ".xml") return sha256_of_file(network);
  Sha256 sum;
  if (!add_file(sum, network)) return std::nullopt;
  const fs::path weights = fs::path(network).replace_extension(".bin");
  if (fs::exists(weights, error) && !add_file(sum, weights)) return std::nullopt;
  return sum.hex();
}

std::optional<MappedFile> MappedFile::open(const fs::path& path) {
  const UniqueFd fd = open_to_read(path);
  const auto size = regular_size(fd);
  if (!size || *size == 0) return std::nullopt;
  void* address = ::mmap(nullptr, *size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (address == MAP_FAILED) return std::nullopt;
  return MappedFile({static_cast<const std::byte*>(address), *size});
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  // munmap takes a mutable address for what was mapped read-only.
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace curlew
