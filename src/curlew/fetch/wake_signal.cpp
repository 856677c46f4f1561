#include "curlew/fetch/wake_signal.hpp"

namespace curlew {

void WakeSignal::wake() {
  if (state_.exchange(State::kWoken) == State::kWaiting) fd_.wake();
}

bool WakeSignal::may_wait() {
  State state = State::kAwake;
  return state_.compare_exchange_strong(state, State::kWaiting);
}

void WakeSignal::waited(bool readable) {
  state_.exchange(State::kAwake);  // reads what wake() has written, and with it all that came before that
  if (readable) fd_.clear();       // a wake() may write only later, and then ends the next wait too
}

}  // namespace curlew
