#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"

namespace curlew {

/// What an origin's answer says of itself.
struct AnswerHead {
  int status = 0;
  std::optional<ByteCount> length;  ///< of the body, where it is declared
  std::string content_range;        ///< "" where there is none
};

/// Where the body of a transfer's last answer goes; redirects and errors never come here.
///
/// Threads: the one that runs the transfer.
class Body {
 public:
  /// Whether there is room for the body now.
  enum class Room : std::uint8_t { kReady, kNone };

  Body() = default;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  virtual ~Body() = default;

  /// What is asked for, as a Range header has it ("100-"); "": everything.
  virtual std::string range() const { return {}; }

  /// Whether an answer of this status has the body that is wanted.
  virtual bool wants(int status) const = 0;

  /// The head is there. Called again after kNone, when there may be room; kNone is never said to a length of 0.
  virtual Result<Room> begin(const AnswerHead& head) = 0;

  virtual Result<void> write(std::span<const std::byte> bytes) = 0;

  /// The last byte has been written.
  virtual void finish() {}

  /// The try failed: what it brought is worth nothing.
  virtual void reset() {}
};

}  // namespace curlew
