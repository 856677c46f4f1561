#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace curlew {

/// How one step of a transport went.
struct TransportStep {
  enum class Outcome : std::uint8_t {
    kDone,        ///< where bytes were asked for, `bytes` of them were moved, at least one
    kNeedsRead,   ///< again when the socket can be read
    kNeedsWrite,  ///< again when it can be written
    kEnded,       ///< the client sends no more
    kFailed,      ///< and so will every other step
    kPlainHttp    ///< of a handshake: what the client speaks is HTTP
  };
  Outcome outcome = Outcome::kFailed;
  std::size_t bytes = 0;
};

/// The bytes of one connection, in both directions; no step waits.
///
/// Ownership: the socket belongs to the connection, which calls close() before it closes that.
/// Threads:   the http thread.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Whether there is a handshake before the first byte.
  virtual bool has_handshake() const = 0;
  virtual TransportStep handshake() = 0;

  /// After end(), what comes is only thrown away.
  virtual TransportStep read(std::span<char> room) = 0;

  /// Whether a read gives something although the socket may have nothing.
  virtual bool has_buffered_input() const = 0;

  /// Sends some of `parts`, which are not all empty. After kNeedsRead and kNeedsWrite, the same again.
  virtual TransportStep write(std::span<const std::string_view> parts) = 0;

  /// Tells the client that no more comes, where that can be told apart from a connection that was cut.
  virtual TransportStep end() = 0;

  /// Leaves the socket alone from now on.
  virtual void close() = 0;
};

/// Bytes as they are.
std::unique_ptr<Transport> make_plain_transport(int socket);

}  // namespace curlew
