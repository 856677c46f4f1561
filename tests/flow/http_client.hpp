#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/unique_fd.hpp"
#include "curlew/http/http_headers.hpp"

namespace curlew::testing_http {

/// What a server answered.
struct Answer {
  int status = 0;  ///< 0: nothing that is an answer came
  HttpHeaders headers;
  std::string body;
};

/// A client that sends whatever bytes it is told to. Nothing it waits for takes more than 20 s.
///
/// Threads: one.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, const std::string& address = "127.0.0.1");

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
  /// Whether a byte or the end comes within `time`.
  bool stirs_within(std::chrono::milliseconds time) const;
  void send_no_more();
  void set_receive_buffer(int bytes);

 private:
  bool fill();
  std::optional<std::string> take_line();
  std::string read_chunks();

  UniqueFd fd_;
  std::string in_;
  bool ended_ = false;
  bool reset_ = false;
};

/// A request without a body.
std::string request(std::string_view line, std::string_view more_headers = "");

/// A POST with this body.
std::string post(std::string_view target, std::string_view media, std::string_view body);

}  // namespace curlew::testing_http
