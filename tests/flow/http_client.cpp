#include "flow/http_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace curlew::testing_http {
namespace {

constexpr int kPatienceMs = 20'000;

}  // namespace

RawClient::RawClient(std::uint16_t port, const std::string& address)
    : fd_(::socket(address.find(':') == std::string::npos ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  int result = -1;
  if (address.find(':') == std::string::npos) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    result = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(port);
    inet_pton(AF_INET6, address.c_str(), &to.sin6_addr);
    result = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  if (result != 0) ended_ = true;
}

void RawClient::set_receive_buffer(int bytes) { setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

std::size_t RawClient::send(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  return sent;
}

void RawClient::send_no_more() { ::shutdown(fd_.get(), SHUT_WR); }

bool RawClient::stirs_within(std::chrono::milliseconds time) const {
  pollfd poll_fd{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&poll_fd, 1, static_cast<int>(time.count())) > 0;
}

bool RawClient::fill() {
  if (ended_) return false;
  if (!stirs_within(std::chrono::milliseconds(kPatienceMs))) {
    ADD_FAILURE() << "the server neither answered nor closed; so far: " << in_.substr(0, 300);
    ended_ = true;
    return false;
  }
  std::array<char, 65536> buffer{};
  const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (n <= 0) {
    ended_ = true;
    reset_ = n < 0 && errno == ECONNRESET;
    return false;
  }
  in_.append(buffer.data(), static_cast<std::size_t>(n));
  return true;
}

std::optional<std::string> RawClient::take_line() {
  std::size_t end = in_.find("\r\n");
  while (end == std::string::npos) {
    if (!fill()) return std::nullopt;
    end = in_.find("\r\n");
  }
  std::string line = in_.substr(0, end);
  in_.erase(0, end + 2);
  return line;
}

std::string RawClient::read_some(std::size_t count) {
  while (in_.size() < count && fill()) {
  }
  const std::string bytes = in_.substr(0, count);
  in_.erase(0, bytes.size());
  return bytes;
}

std::string RawClient::read_chunks() {
  std::string body;
  for (;;) {
    const auto line = take_line();
    if (!line) return body + "<broken off>";
    std::size_t size = 0;
    std::from_chars(line->data(), line->data() + line->size(), size, 16);
    body += read_some(size);
    take_line();
    if (size == 0) return body;
  }
}

Answer RawClient::read(bool head_only) {
  Answer answer;
  const auto line = take_line();
  if (!line || !line->starts_with("HTTP/1.1 ")) return answer;
  std::from_chars(line->data() + 9, line->data() + 12, answer.status);
  for (auto field = take_line(); field && !field->empty(); field = take_line()) {
    const std::size_t colon = field->find(": ");
    EXPECT_NE(colon, std::string::npos) << *field;
    if (colon == std::string::npos) break;
    answer.headers.add(field->substr(0, colon), field->substr(colon + 2));
  }
  if (answer.status == 100) return read(head_only);
  if (head_only || answer.status == 204) return answer;
  if (answer.headers.get("Transfer-Encoding") == "chunked") {
    answer.body = read_chunks();
  } else if (const auto length = answer.headers.find("Content-Length")) {
    answer.body = read_some(std::stoul(std::string(*length)));
  } else {
    while (fill()) {
    }
    answer.body = std::exchange(in_, "");
  }
  return answer;
}

bool RawClient::ends() {
  if (in_.empty()) fill();
  if (!in_.empty()) ADD_FAILURE() << "the server goes on: " << in_.substr(0, 300);
  return in_.empty() && ended_;
}

bool RawClient::is_reset() {
  while (fill()) {
  }
  return reset_;
}

std::string request(std::string_view line, std::string_view more_headers) {
  return fmt::format("{} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", line, more_headers);
}

std::string post(std::string_view target, std::string_view media, std::string_view body) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", target,
                     media, body.size(), body);
}

}  // namespace curlew::testing_http
