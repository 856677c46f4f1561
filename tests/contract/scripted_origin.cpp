#include "contract/scripted_origin.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>

namespace curlew::testing_origin {
namespace {

/// What comes up to the empty line that ends a head; nothing where the client leaves before.
std::optional<std::string> read_head(int fd) {
  std::string head;
  std::array<char, 4096> buffer{};
  while (head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) return std::nullopt;
    head.append(buffer.data(), static_cast<std::size_t>(count));
    if (head.front() == '\x16') return std::nullopt;  // somebody speaks TLS to us
  }
  return head;
}

int listen_on(const std::string& address) {
  const bool v6 = address.find(':') != std::string::npos;
  const int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in v4_name{};
  v4_name.sin_family = AF_INET;
  sockaddr_in6 v6_name{};
  v6_name.sin6_family = AF_INET6;
  const int off = 0;
  bool bound = false;
  if (v6) {
    inet_pton(AF_INET6, address.c_str(), &v6_name.sin6_addr);
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    bound = bind(fd, reinterpret_cast<const sockaddr*>(&v6_name), sizeof v6_name) == 0;
  } else {
    inet_pton(AF_INET, address.c_str(), &v4_name.sin_addr);
    bound = bind(fd, reinterpret_cast<const sockaddr*>(&v4_name), sizeof v4_name) == 0;
  }
  EXPECT_TRUE(bound && listen(fd, 128) == 0) << address << ": " << std::strerror(errno);
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  if (name.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(name).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(name).sin_port);
}

}  // namespace

void Gate::open() {
  const std::scoped_lock lock(mutex_);
  is_open_ = true;
  opened_.notify_all();
}

void Gate::wait() {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(opened_.wait_for(lock, std::chrono::seconds(30), [this] { return is_open_; })) << "the gate stays shut";
}

std::string Request::target() const {
  const std::size_t begin = head_.find(' ') + 1;
  return head_.substr(begin, head_.find(' ', begin) - begin);
}

std::string Request::header(std::string_view name) const {
  const std::string start = fmt::format("\r\n{}: ", name);
  const std::size_t found = head_.find(start);
  if (found == std::string::npos) return "";
  const std::size_t begin = found + start.size();
  return head_.substr(begin, head_.find("\r\n", begin) - begin);
}

bool Request::send(std::string_view bytes) {
  while (!bytes.empty() && !closed_) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      closed_ = true;
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  return !closed_;
}

void Request::answer(int status, std::string_view body, std::string_view more_headers) {
  send(fmt::format("HTTP/1.1 {} Whatever\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), more_headers, body));
}

void Request::wait_for_close() {
  std::array<char, 256> buffer{};
  while (recv(fd_, buffer.data(), buffer.size(), 0) > 0) {
  }
  closed_ = true;
}

bool Request::stirs_within(std::chrono::milliseconds time) const {
  pollfd client{.fd = fd_, .events = POLLIN | POLLRDHUP, .revents = 0};
  return poll(&client, 1, static_cast<int>(time.count())) != 0;
}

void Request::close() {
  shutdown(fd_, SHUT_RDWR);
  closed_ = true;
}

void Request::reset() {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);  // the close that follows sends RST
  closed_ = true;
}

ScriptedOrigin::ScriptedOrigin(Script script, const std::string& address)
    : script_(std::move(script)), fd_(listen_on(address)), port_(port_of(fd_)) {
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedOrigin::~ScriptedOrigin() {
  shutdown(fd_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::scoped_lock lock(mutex_);
    for (const int fd : fds_) shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  close(fd_);
}

std::string ScriptedOrigin::url(std::string_view path, std::string_view host) const {
  return fmt::format("http://{}:{}{}", host, port_, path);
}

void ScriptedOrigin::accept_all() {
  while (true) {
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    most_at_once_ = std::max(most_at_once_.load(), ++open_);
    const std::scoped_lock lock(mutex_);
    fds_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void ScriptedOrigin::serve(int fd) {
  while (auto head = read_head(fd)) {
    ++requests_;
    Request request(fd, std::move(*head));
    script_(request);
    if (request.closed()) break;
  }
  --open_;
  const std::scoped_lock lock(mutex_);
  std::erase(fds_, fd);
  close(fd);
}

}  // namespace curlew::testing_origin
