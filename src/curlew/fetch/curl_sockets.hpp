#pragma once

#include <curl/curl.h>
#include <poll.h>

#include <optional>
#include <span>
#include <vector>

#include "curlew/base/clock.hpp"

namespace curlew {

/// What a CURLM wants to be told of: sockets and a time. Whoever polls drives it, and each of its sockets is moved on
/// only when something has come for it.
///
/// Threads: one, with all that is done to the CURLM.
class CurlSockets {
 public:
  /// `multi` outlives it, and calls it until then.
  explicit CurlSockets(CURLM* multi);
  ~CurlSockets();
  CurlSockets(const CurlSockets&) = delete;
  CurlSockets& operator=(const CurlSockets&) = delete;

  /// To be polled, `events` set; good until the CURLM is touched again.
  std::span<const pollfd> wanted() const { return wanted_; }
  /// When act() wants to be called even if no socket is ready.
  std::optional<TimePoint> wake_at() const { return wake_at_; }

  /// Remembers which of these sockets are ready, for the next act().
  void note(std::span<const pollfd> polled);
  /// Moves on the transfers of the sockets that were noted, and those whose time has come.
  void act();

 private:
  static int socket_callback(CURL* easy, curl_socket_t socket, int what, void* self, void* socket_data);
  static int timer_callback(CURLM* multi, long wait_ms, void* self);
  void want(curl_socket_t socket, int what);

  CURLM* multi_;
  std::vector<pollfd> wanted_;
  std::vector<pollfd> ready_;
  std::optional<TimePoint> wake_at_;
};

}  // namespace curlew
