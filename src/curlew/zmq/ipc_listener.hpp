#pragma once

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <cstddef>
#include <optional>
#include <string>

#include "curlew/base/result.hpp"
#include "curlew/base/unique_fd.hpp"

namespace curlew {

/// What the system takes, without the zero at its end.
inline constexpr std::size_t kMaxIpcPathBytes = sizeof(sockaddr_un::sun_path) - 1;

/// An ipc path as the system takes it; at most kMaxIpcPathBytes. One that begins with `@` is a name without a file.
class IpcAddress {
 public:
  explicit IpcAddress(const std::string& path);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const { return size_; }

 private:
  sockaddr_un address_{};
  socklen_t size_;
};

/// Which file it is, whatever its name.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};

/// The file at `path` itself, not where it points; nothing where there is none.
std::optional<FileIdentity> identity_of(const std::string& path);

/// A socket that listens.
struct IpcListener {
  UniqueFd fd;
  std::optional<FileIdentity> file;  ///< nothing where the name has none
};

/// Listens at `path` for this user alone, in the place of a socket that a dead process has left. ZeroMQ would do away
/// with whatever is there.
///
/// Errors: a sentence for the user: somebody listens there, it is no socket, no folder, no permission.
Result<IpcListener, std::string> listen_at(const std::string& path, int backlog);

}  // namespace curlew
