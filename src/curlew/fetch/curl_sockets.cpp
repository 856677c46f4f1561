#include "curlew/fetch/curl_sockets.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

short events_of(int what) {
  return static_cast<short>(((what & CURL_POLL_IN) != 0 ? POLLIN : 0) | ((what & CURL_POLL_OUT) != 0 ? POLLOUT : 0));
}

/// A connection that was closed or has failed is to be read, so that libcurl sees what is wrong.
int selected(short revents) {
  return ((revents & (POLLIN | POLLHUP)) != 0 ? CURL_CSELECT_IN : 0) |
         ((revents & POLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
         ((revents & (POLLERR | POLLNVAL)) != 0 ? CURL_CSELECT_ERR : 0);
}

}  // namespace

CurlSockets::CurlSockets(CURLM* multi) : multi_(multi) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlSockets::socket_callback);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, static_cast<void*>(this));
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlSockets::timer_callback);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, static_cast<void*>(this));
}

CurlSockets::~CurlSockets() {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
}

void CurlSockets::note(std::span<const pollfd> polled) {
  for (const pollfd& socket : polled) {
    if (socket.revents != 0) ready_.push_back(socket);
  }
}

void CurlSockets::act() {
  int running = 0;
  // One that libcurl has closed meanwhile, for what another one brought, it no longer knows and does nothing about.
  for (const pollfd& socket : ready_) {
    curl_multi_socket_action(multi_, socket.fd, selected(socket.revents), &running);
  }
  ready_.clear();
  if (!wake_at_ || now() < *wake_at_) return;
  wake_at_.reset();  // the call says anew what is next
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
}

void CurlSockets::want(curl_socket_t socket, int what) {
  const auto found = std::ranges::find(wanted_, socket, &pollfd::fd);
  if (what == CURL_POLL_REMOVE) {
    if (found != wanted_.end()) wanted_.erase(found);
  } else if (found != wanted_.end()) {
    found->events = events_of(what);
  } else {
    wanted_.push_back({.fd = socket, .events = events_of(what), .revents = 0});
  }
}

int CurlSockets::socket_callback(CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* /*socket_data*/) {
  try {
    static_cast<CurlSockets*>(self)->want(socket, what);
    return 0;
  } catch (const std::exception& e) {
    log_error("a socket cannot be waited for: {}", e.what());
    return -1;
  }
}

int CurlSockets::timer_callback(CURLM* /*multi*/, long wait_ms, void* self) {
  auto& wake_at = static_cast<CurlSockets*>(self)->wake_at_;
  if (wait_ms < 0) {
    wake_at.reset();
  } else {
    wake_at = now() + std::chrono::milliseconds(wait_ms);
  }
  return 0;
}

}  // namespace curlew
