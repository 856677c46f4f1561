#include "curlew/base/permits.hpp"

#include <algorithm>
#include <utility>

namespace curlew {

Permits::Permits(std::size_t count) : count_(count), state_(std::make_shared<State>()) { state_->limit = count; }

std::optional<Permit> Permits::acquire(const std::stop_token& stop) {
  std::unique_lock lock(state_->mutex);
  if (!state_->freed.wait(lock, stop, [&] { return state_->used < state_->limit; })) return std::nullopt;
  if (stop.stop_requested()) return std::nullopt;
  ++state_->used;
  auto give_back = [state = state_](void*) {
    const std::scoped_lock guard(state->mutex);
    --state->used;
    state->freed.notify_one();
  };
  return Permit(std::shared_ptr<void>(state_.get(), std::move(give_back)));
}

std::size_t Permits::in_use() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->used;
}

void Permits::limit_to(std::size_t count) {
  const std::scoped_lock lock(state_->mutex);
  state_->limit = std::min(count, count_);
  state_->freed.notify_all();
}

ByteReservation::ByteReservation(ByteReservation&& other) noexcept
    : state_(std::move(other.state_)), size_(std::exchange(other.size_, 0)) {}

ByteReservation& ByteReservation::operator=(ByteReservation&& other) noexcept {
  std::swap(state_, other.state_);
  std::swap(size_, other.size_);
  return *this;
}

ByteReservation::~ByteReservation() { shrink_to(0); }

void ByteReservation::shrink_to(ByteCount size) {
  if (!state_ || size >= size_) return;
  std::function<void()> on_release;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->used -= size_ - size;
    on_release = state_->on_release;
  }
  size_ = size;
  if (on_release) on_release();
}

ByteBudget::ByteBudget(ByteCount total) : state_(std::make_shared<ByteReservation::State>()) { state_->total = total; }

std::optional<ByteReservation> ByteBudget::try_reserve(ByteCount size) {
  const std::scoped_lock lock(state_->mutex);
  const bool fits = state_->used <= state_->total && size <= state_->total - state_->used;
  if (!fits && state_->used != 0) return std::nullopt;
  state_->used += size;
  return ByteReservation(state_, size);
}

void ByteBudget::set_on_release(std::function<void()> on_release) {
  const std::scoped_lock lock(state_->mutex);
  state_->on_release = std::move(on_release);
}

ByteCount ByteBudget::used() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->used;
}

}  // namespace curlew
