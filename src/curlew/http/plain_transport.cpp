#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "curlew/http/transport.hpp"

namespace curlew {
namespace {

using Outcome = TransportStep::Outcome;

constexpr std::size_t kMostParts = 4;

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int socket) : socket_(socket) {}

  bool has_handshake() const override { return false; }
  TransportStep handshake() override { return {Outcome::kDone}; }
  bool has_buffered_input() const override { return false; }
  TransportStep end() override { return {Outcome::kDone}; }
  void close() override { socket_ = -1; }

  TransportStep read(std::span<char> room) override {
    const ssize_t bytes = ::recv(socket_, room.data(), room.size(), 0);
    if (bytes == 0) return {Outcome::kEnded};
    return moved(bytes, Outcome::kNeedsRead);
  }

  TransportStep write(std::span<const std::string_view> parts) override {
    std::array<iovec, kMostParts> pieces{};
    const std::size_t count = std::min(parts.size(), kMostParts);
    for (std::size_t i = 0; i < count; ++i) {
      pieces[i] = {.iov_base = const_cast<char*>(parts[i].data()), .iov_len = parts[i].size()};
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    return moved(::sendmsg(socket_, &message, MSG_NOSIGNAL), Outcome::kNeedsWrite);
  }

 private:
  static TransportStep moved(ssize_t bytes, Outcome otherwise) {
    if (bytes >= 0) return {Outcome::kDone, static_cast<std::size_t>(bytes)};
    const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {later ? otherwise : Outcome::kFailed};
  }

  int socket_;
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(int socket) { return std::make_unique<PlainTransport>(socket); }

}  // namespace curlew
