#include "curlew/zmq/socket_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string>

namespace curlew {
namespace {

bool send_frame(zmq::socket_t& socket, const std::string& frame, bool more) {
  const auto flags = zmq::send_flags::dontwait | (more ? zmq::send_flags::sndmore : zmq::send_flags::none);
  while (true) {
    try {
      return socket.send(zmq::const_buffer(frame.data(), frame.size()), flags).has_value();
    } catch (const zmq::error_t& e) {
      if (e.num() == EINTR) continue;
      if (e.num() == EHOSTUNREACH) return false;
      throw;
    }
  }
}

}  // namespace

bool send_now(zmq::socket_t& socket, const Frames& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!send_frame(socket, frames[i], i + 1 < frames.size())) return false;
  }
  return true;
}

bool receive_frame(zmq::socket_t& socket, zmq::message_t& frame) {
  try {
    return socket.recv(frame, zmq::recv_flags::dontwait).has_value();
  } catch (const zmq::error_t& e) {
    if (e.num() == EINTR) return false;
    throw;
  }
}

ByteCount wire_bytes(std::size_t frame_bytes) {
  constexpr std::size_t kShort = 255;  // whose length has one byte and not eight
  return frame_bytes + (frame_bytes <= kShort ? 2 : 9);
}

std::optional<Received> receive_now(zmq::socket_t& socket, const MessageLimits& limits) {
  zmq::message_t frame;
  if (!receive_frame(socket, frame)) return std::nullopt;
  Received message;
  message.whole = true;
  ByteCount bytes = 0;
  while (true) {
    bytes += frame.size();
    message.wire_bytes += wire_bytes(frame.size());
    message.whole = message.whole && bytes <= limits.bytes && message.frames.size() < limits.frames;
    if (message.whole) message.frames.emplace_back(static_cast<const char*>(frame.data()), frame.size());
    if (!frame.more()) {
      message.source = zmq_msg_get(frame.handle(), ZMQ_SRCFD);
      return message;
    }
    // The rest of a message is there with its beginning.
    while (!receive_frame(socket, frame)) {
    }
  }
}

void wait_for_input(std::initializer_list<zmq::socket_t*> sockets, int fd, TimePoint deadline) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(1);  // the caller comes again
  const Duration left = std::clamp<Duration>(deadline - std::min(now(), deadline), Duration::zero(), kLongest);
  std::array<zmq::pollitem_t, 1 + kMostSockets> items{{{nullptr, fd, ZMQ_POLLIN, 0}}};
  std::size_t count = 1;
  for (zmq::socket_t* socket : sockets) items.at(count++) = {socket->handle(), 0, ZMQ_POLLIN, 0};
  try {
    zmq::poll(items.data(), count, std::chrono::ceil<std::chrono::milliseconds>(left));
  } catch (const zmq::error_t& e) {
    if (e.num() != EINTR) throw;
  }
}

}  // namespace curlew
