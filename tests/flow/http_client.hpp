#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/unique_fd.hpp"
#include "curlew/http/http_headers.hpp"

struct ssl_st;

namespace curlew::testing_http {

/// What a server answered.
struct Answer {
  int status = 0;  ///< 0: nothing that is an answer came
  HttpHeaders headers;
  std::string body;
};

/// How a client speaks TLS. It believes every certificate.
struct TlsWish {
  int lowest = 0;  ///< OpenSSL's number of a version; 0: what it has
  int highest = 0;
  std::string protocols = "";  ///< offered by ALPN, each behind a byte with its length
};

/// A client that sends whatever bytes it is told to. Nothing it waits for takes more than 20 s.
///
/// Threads: one.
class RawClient {
 public:
  /// With `tls`, a handshake that fails is an end of the connection.
  explicit RawClient(std::uint16_t port, const std::string& address = "127.0.0.1",
                     const std::optional<TlsWish>& tls = std::nullopt);

  /// What the kernel takes of `bytes`, until the server closes; how many that was.
  std::size_t send(std::string_view bytes);
  /// The next answer; `head_only`: it has no body, whatever its length says.
  Answer read(bool head_only = false);
  /// Sends and reads.
  Answer ask(std::string_view bytes) {
    send(bytes);
    return read();
  }
  /// Bytes as they come, until there are `count` or the server closes.
  std::string read_some(std::size_t count);
  /// Whether the server ends the connection without sending more.
  bool ends();
  /// Whether it does so with a reset.
  bool is_reset();
  /// Whether the server said by TLS that it ends, so that nothing can have been cut off.
  bool heard_farewell() const { return farewell_; }
  void send_no_more();
  /// As send_no_more, but TLS alone knows of it.
  void say_farewell();
  /// As send_no_more, but without the farewell of TLS.
  void cut_sending();
  void set_receive_buffer(int bytes);

  bool connected() const { return !ended_; }
  /// Has both sides change their keys (TLS 1.3).
  void change_keys();
  /// Asks for another handshake (TLS 1.2); whether there was one.
  bool renegotiate();
  /// Of the handshake.
  std::string certificate_name() const;
  std::string version() const;
  std::string protocol() const;

 private:
  struct FreeTls {
    void operator()(ssl_st* tls) const;
  };

  void shake_hands(const TlsWish& wish);
  long receive(char* room, std::size_t size);
  bool fill();
  std::optional<std::string> take_line();
  std::string read_chunks();

  UniqueFd fd_;
  std::unique_ptr<ssl_st, FreeTls> tls_;
  std::string in_;
  bool ended_ = false;
  bool reset_ = false;
  bool farewell_ = false;
};

/// A request without a body.
std::string request(std::string_view line, std::string_view more_headers = "");

/// A POST with this body.
std::string post(std::string_view target, std::string_view media, std::string_view body);

}  // namespace curlew::testing_http
