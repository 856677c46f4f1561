#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

#include "curlew/base/byte_count.hpp"

namespace curlew {

/// What went over one connection; bytes as they are on the wire.
struct Traffic {
  ByteCount taken = 0;      ///< by ZeroMQ from the kernel, with greeting, heartbeats and framing
  ByteCount delivered = 0;  ///< of that: the messages that ZeroMQ handed over
  ByteCount sent = 0;       ///< the messages that ZeroMQ was given for it
  ByteCount acked = 0;      ///< by its peer, with greeting and heartbeats
};

/// What ZeroMQ may keep for one connection. It counts messages, never bytes, and a message is only counted once it has
/// ended.
struct ConnectionLimits {
  static constexpr ByteCount kNone = std::numeric_limits<ByteCount>::max();
  ByteCount taken = kNone;         ///< in all
  ByteCount held = kNone;          ///< taken, and not delivered
  ByteCount unread = kNone;        ///< sent, and not taken by the peer
  std::size_t connections = 4096;  ///< of a socket over TCP; beyond, the newest is cut off
};

/// Why a connection is to be cut off; "" where it stays.
std::string_view reason_to_cut(const Traffic& traffic, const ConnectionLimits& limits);

}  // namespace curlew
