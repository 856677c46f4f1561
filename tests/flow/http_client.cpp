#include "flow/http_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>

namespace curlew::testing_http {
namespace {

constexpr int kPatienceS = 20;

SSL_CTX* client_context() {
  static SSL_CTX* const kContext = [] {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes so that a server that has gone raises it
    return SSL_CTX_new(TLS_client_method());
  }();
  return kContext;
}

}  // namespace

void RawClient::FreeTls::operator()(ssl_st* tls) const { SSL_free(tls); }

RawClient::RawClient(std::uint16_t port, const std::string& address, const std::optional<TlsWish>& tls)
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
  const timeval patience{.tv_sec = kPatienceS, .tv_usec = 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (tls && !ended_) shake_hands(*tls);
}

void RawClient::shake_hands(const TlsWish& wish) {
  tls_.reset(SSL_new(client_context()));
  SSL* tls = tls_.get();
  SSL_set_security_level(tls, 0);  // else this library itself would not offer what servers are to refuse
  SSL_set_min_proto_version(tls, wish.lowest);
  SSL_set_max_proto_version(tls, wish.highest);
  SSL_set_alpn_protos(tls, reinterpret_cast<const unsigned char*>(wish.protocols.data()),
                      static_cast<unsigned>(wish.protocols.size()));
  SSL_set_fd(tls, fd_.get());
  ERR_clear_error();
  if (SSL_connect(tls) != 1) ended_ = true;
}

std::string RawClient::certificate_name() const {
  X509* certificate = SSL_get0_peer_certificate(tls_.get());
  std::array<char, 64> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(), name.size());
  return name.data();
}

void RawClient::change_keys() {
  SSL_key_update(tls_.get(), SSL_KEY_UPDATE_REQUESTED);
  SSL_do_handshake(tls_.get());
}

bool RawClient::renegotiate() {
  ERR_clear_error();
  return SSL_renegotiate(tls_.get()) == 1 && SSL_do_handshake(tls_.get()) == 1;
}

std::string RawClient::version() const { return SSL_get_version(tls_.get()); }

std::string RawClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

void RawClient::set_receive_buffer(int bytes) { setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

std::size_t RawClient::send(std::string_view bytes) {
  if (tls_) {
    ERR_clear_error();
    return !ended_ && SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0 ? bytes.size() : 0;
  }
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  return sent;
}

void RawClient::send_no_more() {
  if (tls_) say_farewell();
  cut_sending();
}

void RawClient::say_farewell() { SSL_shutdown(tls_.get()); }

void RawClient::cut_sending() { ::shutdown(fd_.get(), SHUT_WR); }

/// As recv.
long RawClient::receive(char* room, std::size_t size) {
  if (!tls_) return ::recv(fd_.get(), room, size, 0);
  ERR_clear_error();
  errno = 0;
  const int n = SSL_read(tls_.get(), room, static_cast<int>(size));
  farewell_ = n <= 0 && SSL_get_error(tls_.get(), n) == SSL_ERROR_ZERO_RETURN;
  return n > 0 || farewell_ ? n : -1;
}

bool RawClient::fill() {
  if (ended_) return false;
  std::array<char, 65536> buffer{};
  const long n = receive(buffer.data(), buffer.size());
  if (n <= 0) {
    const int why = errno;
    if (n < 0 && (why == EAGAIN || why == EWOULDBLOCK)) {
      ADD_FAILURE() << "the server neither answered nor closed; so far: " << in_.substr(0, 300);
    }
    ended_ = true;
    reset_ = n < 0 && why == ECONNRESET;
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
