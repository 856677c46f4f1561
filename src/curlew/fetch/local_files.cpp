#include "curlew/fetch/local_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace curlew {
namespace {

class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> cannot_open(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return failure(ErrorCode::kUrlInvalid, "the file is not there");
    case EACCES:
    case EPERM:
      return failure(ErrorCode::kUrlInvalid, "the file may not be read; check its permissions");
    case ENAMETOOLONG:
      return failure(ErrorCode::kUrlInvalid, "the file's name is too long");
    case ELOOP:
      return failure(ErrorCode::kUrlInvalid, "the file is a link that leads back to itself");
    default:
      return failure(ErrorCode::kUrlInvalid, "the file cannot be read");
  }
}

tl::unexpected<Error> too_large(ByteCount limit) {
  return failure(ErrorCode::kTooLarge, fmt::format("the picture has more than the {} bytes allowed", limit));
}

Result<ByteCount> judge(const struct stat& status, ByteCount limit) {
  if (S_ISDIR(status.st_mode)) return failure(ErrorCode::kUrlInvalid, "this is a folder, not a picture file");
  if (!S_ISREG(status.st_mode))
    return failure(ErrorCode::kUrlInvalid, "this is a pipe, device or socket, not a picture file");
  const auto size = static_cast<ByteCount>(status.st_size);
  if (size > limit) return too_large(limit);
  return size;
}

/// Up to `most` bytes at the end of `bytes`; how many came.
Result<std::size_t> read_some(int fd, std::vector<std::byte>& bytes, std::size_t most) {
  const std::size_t before = bytes.size();
  bytes.resize(before + most);
  ssize_t count = -1;
  do {
    count = read(fd, bytes.data() + before, most);
  } while (count < 0 && errno == EINTR);
  bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) return cannot_open(errno);
  return static_cast<std::size_t>(count);
}

}  // namespace

Result<ByteCount> local_file_size(const std::filesystem::path& path, ByteCount limit) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return cannot_open(errno);
  return judge(status, limit);
}

Result<std::vector<std::byte>> read_local_file(const std::filesystem::path& path, ByteCount limit) {
  if (auto size = local_file_size(path, limit); !size) return tl::make_unexpected(std::move(size.error()));
  const OpenFile file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.fd() < 0) return cannot_open(errno);
  struct stat status {};  // once more: the name may have come to mean something else
  if (fstat(file.fd(), &status) != 0) return cannot_open(errno);
  const auto size = judge(status, limit);
  if (!size) return tl::make_unexpected(size.error());

  std::vector<std::byte> bytes;
  bytes.reserve(*size + 1);  // the one more sees the end without another buffer
  while (true) {
    const std::size_t most = std::max<std::size_t>(bytes.capacity() - bytes.size(), 64 * kKiB);
    const auto count = read_some(file.fd(), bytes, std::min<std::size_t>(most, limit + 1 - bytes.size()));
    if (!count) return tl::make_unexpected(count.error());
    if (*count == 0) return bytes;
    if (bytes.size() > limit) return too_large(limit);
  }
}

}  // namespace curlew
