#include "curlew/zmq/connection_guard.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "curlew/base/log.hpp"
#include "curlew/base/unique_fd.hpp"
#include "curlew/zmq/socket_io.hpp"

namespace curlew {
namespace {

constexpr const char* kEvents = "inproc://connections";
constexpr int kShare = 100;  // what goes over all connections takes no more than a hundredth of the time

struct Event {
  std::uint16_t kind = 0;
  int fd = -1;
  std::string endpoint;
};

std::optional<Event> next_event(zmq::socket_t& events) {
  zmq::message_t frame;
  if (!receive_frame(events, frame)) return std::nullopt;
  Event event;
  std::uint32_t value = 0;
  if (frame.size() >= sizeof event.kind + sizeof value) {
    std::memcpy(&event.kind, frame.data(), sizeof event.kind);
    std::memcpy(&value, static_cast<const char*>(frame.data()) + sizeof event.kind, sizeof value);
    event.fd = static_cast<int>(value);
  }
  while (frame.more()) {
    if (receive_frame(events, frame)) event.endpoint = frame.to_string();
  }
  return event;
}

/// Nothing where it is no socket any more.
std::optional<std::uint64_t> cookie_of(int fd) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  if (::getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0) return std::nullopt;
  return cookie;
}

/// `ADDRESS:PORT` of this end, or of the other; "" where it is no TCP connection.
std::string address_of(int fd, int (*get)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (get(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return {};
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(), host.size(), port.data(),
                    port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return {};
  return fmt::format("{}:{}", host.data(), port.data());
}

std::string_view port_of(std::string_view address) { return address.substr(address.rfind(':') + 1); }

/// What the kernel counted: `taken` with what it still keeps itself.
std::optional<Traffic> counted(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return Traffic{.taken = info.tcpi_bytes_received, .acked = info.tcpi_bytes_acked};
}

ByteCount kept_by_kernel(int fd) {
  int bytes = 0;
  return ::ioctl(fd, SIOCINQ, &bytes) == 0 && bytes > 0 ? static_cast<ByteCount>(bytes) : 0;
}

}  // namespace

ConnectionGuard::ConnectionGuard(zmq::context_t& context, zmq::socket_t& socket, std::string name,
                                 const ConnectionLimits& limits)
    : socket_(socket), name_(std::move(name)), limits_(limits), events_(context, zmq::socket_type::pair) {
  // Without a limit: ZeroMQ's threads would wait at it.
  events_.set(zmq::sockopt::rcvhwm, 0);
  events_.set(zmq::sockopt::linger, 0);
  if (zmq_socket_monitor(socket_.handle(), kEvents, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) != 0)
    throw zmq::error_t();
  events_.connect(kEvents);
}

ConnectionGuard::~ConnectionGuard() {
  // Before the other end of the pair goes: ZeroMQ's threads would wait for a new one.
  zmq_socket_monitor(socket_.handle(), nullptr, 0);
}

void ConnectionGuard::tend() {
  read_events();
  if (now() >= due()) look();
}

void ConnectionGuard::read_events() {
  while (auto event = next_event(events_)) {
    forget(event->fd);  // also where a new one has the number: ZeroMQ does not tell of every end
    if (event->kind == ZMQ_EVENT_ACCEPTED) accepted(event->fd, event->endpoint);
  }
}

void ConnectionGuard::accepted(int fd, std::string_view endpoint) {
  const auto cookie = cookie_of(fd);
  const std::string here = address_of(fd, ::getsockname);
  // It may have gone in the meantime, and its number to anything else.
  if (!cookie || here.empty() || port_of(here) != port_of(endpoint) || cookie_of(fd) != cookie) return;
  if (connections_.size() >= limits_.connections && now() >= sweep_at_) forget_closed();
  if (connections_.empty()) look_at_ = now() + kLook;
  Connection& connection = connections_[fd];
  connection.cookie = *cookie;
  connection.too_many = connections_.size() > limits_.connections;
  if (connection.too_many) cut_off(fd, connection);
}

void ConnectionGuard::forget(int fd) {
  const auto place = connections_.find(fd);
  if (place == connections_.end()) return;
  if (const auto client = clients_.find(place->second.client); client != clients_.end() && client->second == fd)
    clients_.erase(client);
  connections_.erase(place);
}

void ConnectionGuard::delivered(int source, const std::string& client, ByteCount bytes) {
  read_events();  // the message's connection may be newer than what they told last
  const auto place = connections_.find(source);
  if (place == connections_.end()) return;
  Connection& connection = place->second;
  connection.delivered += bytes;
  if (connection.client != client) {
    if (const auto old = clients_.find(connection.client); old != clients_.end() && old->second == source)
      clients_.erase(old);
    connection.client = client;
  }
  clients_[client] = source;
}

void ConnectionGuard::sent(const std::string& client, ByteCount bytes) {
  const auto place = clients_.find(client);
  if (place == clients_.end()) return;
  if (const auto connection = connections_.find(place->second); connection != connections_.end())
    connection->second.sent += bytes;
}

/// A place is free as soon as its connection has ended, whether ZeroMQ has told of that or not.
void ConnectionGuard::forget_closed() {
  const TimePoint begin = now();
  std::vector<int> gone;
  for (const auto& [fd, connection] : connections_) {
    if (cookie_of(fd) != connection.cookie) gone.push_back(fd);
  }
  for (const int fd : gone) forget(fd);
  const TimePoint end = now();
  sweep_at_ = end + kShare * (end - begin);
}

void ConnectionGuard::look() {
  const TimePoint begin = now();
  std::vector<int> gone;
  for (auto& [fd, connection] : connections_) {
    auto traffic = counted(fd);
    if (!traffic || cookie_of(fd) != connection.cookie) {
      gone.push_back(fd);
      continue;
    }
    traffic->delivered = connection.delivered;
    traffic->sent = connection.sent;
    if (connection.too_many || !reason_to_cut(*traffic, limits_).empty()) cut_off(fd, connection);
  }
  for (const int fd : gone) forget(fd);
  const TimePoint end = now();
  look_at_ = end + std::clamp<Duration>(kShare * (end - begin), kLook, kSeldomLook);
}

/// Where a closer look says the same.
void ConnectionGuard::cut_off(int fd, Connection& connection) {
  if (connection.cut) return;
  // While this is open, nothing else can get hold of the socket's place. It is not kept: ZeroMQ's close() would not end
  // the connection.
  const UniqueFd pinned(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!pinned.ok() || cookie_of(pinned.get()) != connection.cookie) return;
  std::string_view reason = "there are too many connections";
  if (!connection.too_many) {
    auto traffic = counted(pinned.get());
    if (!traffic) return;
    // In this order: what is taken in between counts only at the next look.
    traffic->taken -= std::min(kept_by_kernel(pinned.get()), traffic->taken);
    traffic->delivered = connection.delivered;
    traffic->sent = connection.sent;
    reason = reason_to_cut(*traffic, limits_);
    if (reason.empty()) return;
  }
  const std::string peer = address_of(pinned.get(), ::getpeername);
  connection.cut = true;
  // ZeroMQ's close() then resets the connection: the kernel keeps nothing for a client that does not read, and one
  // whose window is full notices.
  constexpr linger kReset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(pinned.get(), SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset);
  ::shutdown(pinned.get(), SHUT_RDWR);
  if (connection.too_many) {
    log_debug("{}: {} was cut off: {}", name_, peer, reason);
  } else {
    log_warning("{}: {} was cut off: {}", name_, peer, reason);
  }
}

}  // namespace curlew
