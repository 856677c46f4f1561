#include "curlew/spawn/channel.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace curlew {
namespace {

/// Waits until there is something to read; false where the time is up.
bool wait_readable(int fd, std::optional<TimePoint> deadline) {
  for (;;) {
    int wait_ms = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now()).count();
      wait_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
    }
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = poll(&wanted, 1, wait_ms);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // recv tells what is wrong
    if (deadline && now() >= *deadline) return false;
  }
}

}  // namespace

std::pair<Channel, Channel> Channel::pair() {
  int fds[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
    throw std::system_error(errno, std::generic_category(), "a channel to a child process");
  }
  return {Channel(UniqueFd(fds[0])), Channel(UniqueFd(fds[1]))};
}

bool Channel::send_bytes(std::span<const std::byte> bytes) const {
  ssize_t sent = 0;
  do {
    sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

Received Channel::receive_bytes(std::span<std::byte> bytes, std::optional<TimePoint> deadline) const {
  if (deadline && !wait_readable(fd_.get(), deadline)) return Received::kTimedOut;
  ssize_t got = 0;
  do {
    got = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_TRUNC);  // the true length, were it more
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(bytes.size()) ? Received::kMessage : Received::kClosed;
}

}  // namespace curlew
