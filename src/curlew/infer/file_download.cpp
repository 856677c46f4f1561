#include "curlew/infer/file_download.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/base/unique_fd.hpp"
#include "curlew/infer/model_files.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

constexpr int kTriesOfOneSource = 3;                 // a connection that breaks off is taken up again where it broke
constexpr std::chrono::milliseconds kLockRetry{50};  // another process's lock cannot be waited for along with a stop
constexpr std::string_view kCancelled = "the download was cancelled";

tl::unexpected<ModelUnavailable> refused(std::string why) {
  return tl::make_unexpected(ModelUnavailable{std::move(why)});
}

std::string disk_message(int error, ByteCount bytes) {
  return fmt::format(
      "the model cache cannot be written ({}); it needs {} KiB: free some room, or set CURLEW_CACHE to another folder",
      std::generic_category().message(error), (bytes + kKiB - 1) / kKiB);
}

/// Takes the lock that keeps two downloads of one file apart, within and between processes. It goes with the
/// descriptor; the file stays, since deleting it would let a third one lock another file of the same name.
Result<UniqueFd, ModelUnavailable> take_lock(const fs::path& path, ByteCount bytes, const std::stop_token& stop) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd.ok()) return refused(disk_message(errno, bytes));
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock guard(mutex);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return refused(disk_message(errno, bytes));
    stopped.wait_for(guard, stop, kLockRetry, [] { return false; });
    if (stop.stop_requested()) return refused(std::string(kCancelled));
  }
  return fd;
}

/// The file NAME.part while it grows.
class PartFile final : public DownloadSink {
 public:
  PartFile(const fs::path& path, ByteCount max_bytes, const std::function<void(ByteCount)>& progress)
      : max_bytes_(max_bytes), progress_(progress), fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (!fd_.ok()) disk_error_ = errno;
    struct stat status = {};
    if (fd_.ok() && ::fstat(fd_.get(), &status) == 0) size_ = static_cast<ByteCount>(status.st_size);
    if (size_ > max_bytes_) restart();
  }

  Result<void> begin(ByteCount offset, std::optional<ByteCount> total) override {
    if (total && *total != max_bytes_) return failure(ErrorCode::kTooLarge, "the file is not of the card's size");
    if (offset == 0) restart();
    if (disk_error_ != 0) return disk_failure();
    if (offset != size_)
      return failure(ErrorCode::kInternal, "the origin resumed at another place than it was asked for");
    return {};
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    if (bytes.size() > max_bytes_ - size_)
      return failure(ErrorCode::kTooLarge, "the file is larger than the card says");
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) {
        disk_error_ = put < 0 ? errno : ENOSPC;
        return disk_failure();
      }
      bytes = bytes.subspan(static_cast<std::size_t>(put));
      size_ += static_cast<ByteCount>(put);
    }
    if (progress_) progress_(size_);
    return {};
  }

  ByteCount size() const { return size_; }
  int disk_error() const { return disk_error_; }
  bool sync() { return ::fsync(fd_.get()) == 0 || (disk_error_ = errno, false); }
  void restart() {
    size_ = 0;
    if (fd_.ok() && ::ftruncate(fd_.get(), 0) != 0) disk_error_ = errno;
  }

 private:
  static tl::unexpected<Error> disk_failure() {
    return failure(ErrorCode::kInternal, "the model cache cannot be written");
  }

  ByteCount max_bytes_;
  const std::function<void(ByteCount)>& progress_;
  UniqueFd fd_;
  ByteCount size_ = 0;
  int disk_error_ = 0;
};

/// How one source ended: the file is right, or why not.
struct Attempt {
  bool right = false;
  std::string why;
};

Attempt try_source(const CardFile& file, const std::string& url, const fs::path& part_path, PartFile& part,
                   Downloader& downloader, const std::stop_token& stop) {
  Attempt attempt;
  for (int tries = 0; tries < kTriesOfOneSource && !stop.stop_requested() && part.disk_error() == 0; ++tries) {
    const ByteCount offset = part.size();
    if (offset < file.bytes) {
      const auto done =
          downloader.download({.url = url, .offset = offset, .max_bytes = file.bytes, .stop = stop}, part);
      if (!done) {
        attempt.why = done.error().message;
        const bool broke_off = done.error().retryable && part.size() > offset;
        if (broke_off) continue;
        return attempt;
      }
    }
    if (part.disk_error() != 0) return attempt;
    attempt.right = part.size() == file.bytes && sha256_of_file(part_path) == file.sha256;
    if (attempt.right) return attempt;
    attempt.why = "it was not the file that the card names";
    part.restart();
    if (offset == 0) return attempt;  // else what was here before may have been wrong: once more from the start
  }
  return attempt;
}

bool sync_folder(const fs::path& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd.ok() && ::fsync(fd.get()) == 0;
}

}  // namespace

Result<void, ModelUnavailable> download_file(const CardFile& file, const fs::path& folder, Downloader& downloader,
                                             const std::function<void(ByteCount)>& progress,
                                             const std::stop_token& stop) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return refused(disk_message(error.value(), file.bytes));
  const fs::path target = folder / file.name;
  const fs::path part_path = folder / (file.name + ".part");
  const auto lock = take_lock(folder / (file.name + ".lock"), file.bytes, stop);
  if (!lock) return tl::make_unexpected(lock.error());
  if (sha256_of_file(target) == file.sha256) return {};  // another process brought it while this one waited

  std::string why = "the card names no source";
  for (const std::string& url : file.sources) {
    PartFile part(part_path, file.bytes, progress);
    const Attempt attempt = try_source(file, url, part_path, part, downloader, stop);
    if (stop.stop_requested() && !attempt.right) return refused(std::string(kCancelled));
    const bool synced = attempt.right && part.sync();
    if (part.disk_error() != 0) return refused(disk_message(part.disk_error(), file.bytes));
    if (synced) {
      fs::rename(part_path, target, error);
      if (error) return refused(disk_message(error.value(), file.bytes));
      sync_folder(folder);  // where it fails the file is still whole, and verified again before its use
      return {};
    }
    if (part.size() == 0) fs::remove(part_path, error);
    why = attempt.why;
    log_info("{} did not give {}: {}", url, file.name, why);
  }
  return refused(fmt::format("{} could not be downloaded: {}", file.name, why));
}

}  // namespace curlew
