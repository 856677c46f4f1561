#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <zmq.hpp>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/clock.hpp"
#include "curlew/core/frames.hpp"

namespace curlew {

/// Beyond, the frames of a message are read over.
struct MessageLimits {
  ByteCount bytes = 0;  ///< of all frames together
  std::size_t frames = 0;
};

/// A message that was there.
struct Received {
  Frames frames;             ///< as far as the limits let
  bool whole = false;        ///< whether these are all
  ByteCount wire_bytes = 0;  ///< what all of it took on the wire, had each frame come from there
  int source = -1;           ///< ZeroMQ's descriptor of the connection that it came over; -1 where it does not say
};

/// What a frame takes on the wire, with what stands before it (ZMTP 2.0 and newer).
ByteCount wire_bytes(std::size_t frame_bytes);

/// Sends at once; false where ZeroMQ would have to wait, and then nothing was sent.
bool send_now(zmq::socket_t& socket, const Frames& frames);

/// The next frame; false where none is there.
bool receive_frame(zmq::socket_t& socket, zmq::message_t& frame);

/// The next message; nothing where none is there.
std::optional<Received> receive_now(zmq::socket_t& socket, const MessageLimits& limits);

/// Waits for input at one of at most `kMostSockets` sockets or `fd`, till `deadline`; it may return sooner.
void wait_for_input(std::initializer_list<zmq::socket_t*> sockets, int fd, TimePoint deadline);
inline constexpr std::size_t kMostSockets = 2;

}  // namespace curlew
