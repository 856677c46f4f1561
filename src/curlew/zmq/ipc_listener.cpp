#include "curlew/zmq/ipc_listener.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "curlew/zmq/endpoint.hpp"

namespace curlew {
namespace {

constexpr mode_t kOwnerOnly = 0600;

tl::unexpected<std::string> refused(const std::string& path, std::string_view why) {
  return tl::make_unexpected(fmt::format("ipc://{}: {}", path, why));
}

tl::unexpected<std::string> refused(const std::string& path, int error) {
  switch (error) {
    case EADDRINUSE:
      return refused(path, "another process listens there; end it, or choose another path");
    case ENOENT:
    case ENOTDIR:
      return refused(path, "its folder is not there; make it, or choose another path");
    case EACCES:
    case EPERM:
      return refused(path, "no socket may be made there; see to the rights of its folder, or choose another path");
    case EROFS:
      return refused(path, "nothing can be written there; choose another path");
    default:
      return refused(path, std::generic_category().message(error));
  }
}

/// Makes room at `path`; only a socket that nobody listens at is removed.
Result<void, std::string> clear_path(const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) {
    if (errno == ENOENT) return {};
    return refused(path, errno);
  }
  if (!S_ISSOCK(file.st_mode)) return refused(path, "what is there is no socket, and stays; choose another path");
  if (is_ipc_in_use(path)) return refused(path, EADDRINUSE);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return refused(path, "a socket is left there that may not be removed; remove it, or choose another path");
  return {};
}

}  // namespace

IpcAddress::IpcAddress(const std::string& path) {
  address_.sun_family = AF_UNIX;
  std::memcpy(address_.sun_path, path.data(), path.size());
  const bool named_only = path.front() == '@';
  if (named_only) address_.sun_path[0] = '\0';
  size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (named_only ? 0 : 1));
}

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return std::nullopt;
  return FileIdentity{file.st_dev, file.st_ino};
}

Result<IpcListener, std::string> listen_at(const std::string& path, int backlog) {
  const bool has_file = !path.starts_with('@');
  if (has_file) {
    if (const auto clear = clear_path(path); !clear) return tl::make_unexpected(clear.error());
  }
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.ok()) return refused(path, errno);
  // The file gets the mode of the socket, so that there is no moment in which others may connect.
  if (has_file && ::fchmod(fd.get(), kOwnerOnly) != 0) return refused(path, errno);
  const IpcAddress address(path);
  if (::bind(fd.get(), address.get(), address.size()) != 0) return refused(path, errno);
  if (::listen(fd.get(), backlog) != 0) {
    const int error = errno;
    if (has_file) ::unlink(path.c_str());
    return refused(path, error);
  }
  return IpcListener{std::move(fd), has_file ? identity_of(path) : std::nullopt};
}

}  // namespace curlew
