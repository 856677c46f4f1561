#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "curlew/base/clock.hpp"
#include "curlew/base/unique_fd.hpp"

namespace curlew {

/// How a wait for a message ended.
enum class Received : std::uint8_t {
  kMessage,
  kClosed,   ///< the other process is gone, or has hung up
  kTimedOut  ///< nothing came in time
};

/// One end of a connection between two processes of this program. Whole messages, each a plain struct: both ends run
/// the same binary.
///
/// Threads: one at a time.
class Channel {
 public:
  Channel() = default;
  explicit Channel(UniqueFd fd) : fd_(std::move(fd)) {}
  /// Two ends that are connected. Errors: std::system_error, where descriptors are short.
  static std::pair<Channel, Channel> pair();

  /// False where the other process is gone.
  template <class Message>
  bool send(const Message& message) const {
    static_assert(std::is_trivially_copyable_v<Message>);
    return send_bytes(std::as_bytes(std::span(&message, 1)));
  }

  /// A message of another size than `message` counts as kClosed: who sends it cannot be talked to.
  ///
  /// Units: no deadline: waits for ever.
  template <class Message>
  Received receive(Message& message, std::optional<TimePoint> deadline = std::nullopt) const {
    static_assert(std::is_trivially_copyable_v<Message>);
    return receive_bytes(std::as_writable_bytes(std::span(&message, 1)), deadline);
  }

  /// A message whose bytes are those of a plain struct.
  bool send_bytes(std::span<const std::byte> bytes) const;

  int fd() const { return fd_.get(); }
  void close() { fd_ = UniqueFd(); }

 private:
  Received receive_bytes(std::span<std::byte> bytes, std::optional<TimePoint> deadline) const;

  UniqueFd fd_;
};

}  // namespace curlew
