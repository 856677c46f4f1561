#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "curlew/base/byte_count.hpp"

namespace curlew {

/// The right to have one item in flight. It travels with the item and frees itself with the result.
///
/// Ownership: outlives the Permits that gave it out without harm.
class Permit {
 public:
  Permit() = default;

 private:
  friend class Permits;
  explicit Permit(std::shared_ptr<void> slot) : slot_(std::move(slot)) {}
  std::shared_ptr<void> slot_;
};

/// As many permits as items may be in flight.
///
/// Threads: any.
class Permits {
 public:
  explicit Permits(std::size_t count);

  /// Waits for a permit; nothing when `stop` is asked for first.
  std::optional<Permit> acquire(const std::stop_token& stop);

  std::size_t in_use() const;

  /// No more than `count` of them are given out from now on, until another number is said; those in use stay so.
  void limit_to(std::size_t count);

 private:
  struct State {
    mutable std::mutex mutex;
    std::condition_variable_any freed;
    std::size_t limit = 0;
    std::size_t used = 0;
  };
  const std::size_t count_;
  std::shared_ptr<State> state_;
};

class ByteBudget;

/// Bytes taken out of a ByteBudget, given back when this goes.
class ByteReservation {
 public:
  ByteReservation() = default;
  ByteReservation(ByteReservation&& other) noexcept;
  ByteReservation& operator=(ByteReservation&& other) noexcept;
  ~ByteReservation();

  ByteCount size() const { return size_; }
  /// Gives back all but `size` bytes; a larger `size` changes nothing.
  void shrink_to(ByteCount size);

 private:
  friend class ByteBudget;
  struct State {
    std::mutex mutex;
    ByteCount total = 0;
    ByteCount used = 0;
    std::function<void()> on_release;
  };
  ByteReservation(std::shared_ptr<State> state, ByteCount size) : state_(std::move(state)), size_(size) {}
  std::shared_ptr<State> state_;
  ByteCount size_ = 0;
};

/// The bytes that all pictures in flight may hold together.
///
/// Who asks in vain does not wait here: it holds back its transfer and asks again after `on_release`.
/// Threads: any; `on_release` is called on the thread that gives back, without a lock held, and must not block.
class ByteBudget {
 public:
  explicit ByteBudget(ByteCount total);

  /// `size` bytes, or nothing where so many are not free now. More than the whole budget is given when all is free, so
  /// that no size waits for ever.
  std::optional<ByteReservation> try_reserve(ByteCount size);

  /// Who is told when bytes come back; an empty function: nobody.
  void set_on_release(std::function<void()> on_release);

  ByteCount used() const;

 private:
  std::shared_ptr<ByteReservation::State> state_;
};

}  // namespace curlew
