#include "curlew/infer/blob_cache.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "curlew/base/log.hpp"
#include "curlew/base/sha256.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

// The header fills a page, so that the bytes after it are aligned as OpenVINO likes its weights.
constexpr std::size_t kHeaderBytes = 4096;
constexpr std::string_view kMagic = "curlew compiled network 1\n";
constexpr std::size_t kSumBytes = 64;
constexpr std::size_t kMaxNoteBytes = 256;
constexpr auto kStale = std::chrono::hours(1);  // a half-written file older than this has lost its writer

std::string checksum(const std::string& key, std::string_view note, std::span<const std::byte> bytes) {
  Sha256 sum;
  const std::string sizes = fmt::format("{} {} {}\n", key.size(), note.size(), bytes.size());
  sum.add(std::as_bytes(std::span(sizes)));
  sum.add(std::as_bytes(std::span(key)));
  sum.add(std::as_bytes(std::span(note)));
  sum.add(bytes);
  return sum.hex();
}

struct Aged {
  fs::file_time_type used;
  fs::path path;
};

}  // namespace

BlobCache::BlobCache(fs::path folder, std::size_t max_blobs) : folder_(std::move(folder)), max_blobs_(max_blobs) {}

fs::path BlobCache::path_of(const std::string& key) const {
  return folder_ / (sha256_hex(std::as_bytes(std::span(key))).substr(0, 32) + ".blob");
}

std::optional<BlobCache::Blob> BlobCache::find(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  const fs::path path = path_of(key);
  auto file = MappedFile::open(path);
  if (!file) return std::nullopt;
  const auto bytes = file->bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kHeaderBytes));
  bool whole = bytes.size() > kHeaderBytes && text.starts_with(kMagic);
  std::string note;
  if (whole) {
    const auto rest = text.substr(kMagic.size());
    const auto after = rest.substr(kSumBytes);
    note = std::string(after.substr(0, std::min(after.find('\0'), kMaxNoteBytes)));
    whole = checksum(key, note, bytes.subspan(kHeaderBytes)) == rest.substr(0, kSumBytes);
  }
  if (!whole) {
    log_info("a compiled network in the cache is damaged and is made anew");
    return std::nullopt;
  }
  std::error_code ignored;  // only the order of removal hangs on it
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
  return Blob{.file = std::move(*file), .note = note, .bytes = bytes.subspan(kHeaderBytes)};
}

void BlobCache::keep(const std::string& key, const std::string& note, std::span<const std::byte> bytes) const {
  if (folder_.empty() || note.size() > kMaxNoteBytes) return;
  std::error_code error;
  fs::create_directories(folder_, error);
  static std::atomic<unsigned> count{0};
  const fs::path target = path_of(key);
  const fs::path beside = folder_ / fmt::format("{}.{}.{}.part", target.stem().native(), ::getpid(), count++);
  std::string header = std::string(kMagic) + checksum(key, note, bytes) + note;
  header.resize(kHeaderBytes, '\0');
  std::ofstream file(beside, std::ios::binary);
  file.write(header.data(), static_cast<std::streamsize>(header.size()));
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (file) fs::rename(beside, target, error);
  if (!file || error) {
    log_warning("the compiled network could not be kept in the cache; the next start will take longer");
    fs::remove(beside, error);
  }
  trim();
}

void BlobCache::drop(const std::string& key) const {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove(path_of(key), ignored);
}

void BlobCache::trim() const {
  std::vector<Aged> blobs;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;  // another process may have removed it
    const auto used = entry->last_write_time(gone);
    if (gone) continue;
    if (entry->path().extension() == ".blob") blobs.push_back({used, entry->path()});
    if (entry->path().extension() == ".part" && used + kStale < fs::file_time_type::clock::now()) {
      fs::remove(entry->path(), gone);
    }
  }
  if (blobs.size() <= max_blobs_) return;
  std::ranges::sort(blobs, {}, &Aged::used);
  blobs.resize(blobs.size() - max_blobs_);
  for (const Aged& blob : blobs) fs::remove(blob.path, error);
}

}  // namespace curlew
