#include "curlew/fetch/wake_signal.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace curlew {

WakeSignal::WakeSignal() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

WakeSignal::~WakeSignal() { close(fd_); }

void WakeSignal::wake() {
  if (state_.exchange(State::kWoken) == State::kWaiting) eventfd_write(fd_, 1);
}

bool WakeSignal::may_wait() {
  State state = State::kAwake;
  return state_.compare_exchange_strong(state, State::kWaiting);
}

void WakeSignal::waited(bool readable) {
  state_.exchange(State::kAwake);  // reads what wake() has written, and with it all that came before that
  if (!readable) return;           // a wake() may write only later, and then ends the next wait too
  eventfd_t count = 0;
  eventfd_read(fd_, &count);
}

}  // namespace curlew
