#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/spawn/channel.hpp"
#include "curlew/spawn/child_process.hpp"
#include "curlew/spawn/shared_memory.hpp"

namespace curlew {

/// Words of a child for its parent.
struct ChildText {
  std::uint16_t bytes = 0;
  std::array<char, 400> text{};
};

/// `text`, cut to what fits.
ChildText child_text(std::string_view text);
/// Printable ASCII, whatever the child wrote.
std::string printable_text(const ChildText& text);

/// A child's first message: it is in its sandbox and waits for work, or `why` not.
struct ChildHello {
  std::uint8_t ready = 0;
  ChildText why;
};

/// How a child that had work in its hands was lost.
enum class Loss : std::uint8_t { kCrashed, kTookTooLong };

/// The place of a child process: whoever sits there is told what to be, asked one thing at a time, and replaced when it
/// is gone. The replacement starts at once, and gets ready while its parent does other things.
///
/// Errors:  system_error where no process can be started: start(), restart(), hand_over().
/// Threads: one, from beginning to end: the kernel ends a child with the thread that started it.
class ChildSeat {
 public:
  struct Options {
    std::string name;  ///< for the log: "decoding process"
    ChildCommand command;
    ByteCount memory = 0;  ///< that both see
    std::chrono::milliseconds start_timeout{30'000};
  };
  explicit ChildSeat(Options options) : options_(std::move(options)) {}

  /// Seats a new child, which is told `setup`; whoever sat there is ended.
  template <class Setup>
  void start(const Setup& setup) {
    static_assert(std::is_trivially_copyable_v<Setup>);
    const auto bytes = std::as_bytes(std::span(&setup, 1));
    setup_.assign(bytes.begin(), bytes.end());
    restart();
  }
  /// Seats a new child that is told what the last one was.
  void restart();
  bool seated() const { return child_.running(); }

  /// Waits until the child is ready; false where it cannot be, with the reason in why_not() and in the log.
  bool await_ready();
  const std::string& why_not() const { return why_not_; }

  /// Asks a child that is ready. One that died since its last answer is replaced: this request is not to blame.
  template <class Request>
  bool hand_over(const Request& request, std::chrono::milliseconds timeout) {
    static_assert(std::is_trivially_copyable_v<Request>);
    return hand_over_bytes(std::as_bytes(std::span(&request, 1)), timeout);
  }
  /// The answer to what was handed over last, in the time that was given then.
  template <class Reply>
  Received answer(Reply& reply) {
    return channel_.receive(reply, deadline_);
  }
  /// After no answer came: ends and replaces the child, and says which way it was lost.
  Loss replace_lost(Received how);

  std::span<std::byte> memory() const { return memory_.bytes(); }

 private:
  bool hand_over_bytes(std::span<const std::byte> request, std::chrono::milliseconds timeout);

  const Options options_;
  std::vector<std::byte> setup_;
  SharedMemory memory_;
  Channel channel_;
  ChildProcess child_;
  bool ready_ = false;
  std::string why_not_;
  TimePoint deadline_;
};

}  // namespace curlew
