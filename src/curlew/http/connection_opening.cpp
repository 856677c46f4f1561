#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "curlew/base/clock.hpp"
#include "curlew/http/connection.hpp"

namespace curlew {

using BoostError = boost::system::error_code;
using Outcome = TransportStep::Outcome;

/// Whether requests may come.
boost::asio::awaitable<bool> Connection::open() {
  if (!transport_->has_handshake()) co_return true;
  become_idle();
  enter_greeting();
  const bool opened = co_await shake_hands(opened_ + shared_.limits.head_time);
  leave_greeting();
  leave_idle();
  co_return opened;
}

boost::asio::awaitable<bool> Connection::shake_hands(TimePoint deadline) {
  bool writable = false;
  while (!dead_) {
    start_handshake_wait(writable);
    while (reading_ && !dead_ && !shared_.draining && now() < deadline) co_await wait(deadline);
    if (reading_) break;
    co_await take_turn();
    if (dead_) break;
    const TransportStep step = transport_->handshake();
    if (step.outcome == Outcome::kDone) co_return true;
    if (step.outcome == Outcome::kPlainHttp) {
      co_await answer_plain();
      break;
    }
    if (step.outcome == Outcome::kFailed || step.outcome == Outcome::kEnded) break;
    writable = step.outcome == Outcome::kNeedsWrite;
  }
  co_return false;
}

/// Until others have had theirs: a handshake may take a millisecond.
boost::asio::awaitable<void> Connection::take_turn() {
  has_turn_ = false;
  shared_.turns.ask([weak = weak_from_this()] {
    const auto connection = weak.lock();
    if (!connection) return;
    connection->has_turn_ = true;
    connection->wake();
  });
  while (!has_turn_ && !dead_) co_await wait(now() + shared_.limits.head_time);
}

/// Whoever wrote http:// for https:// is to read what is wrong.
boost::asio::awaitable<void> Connection::answer_plain() {
  transport_->close();
  transport_ = make_plain_transport(socket_.native_handle());
  Exchange exchange;
  exchange.received = now();
  exchange.client = to_text(peer_);
  const HttpProblem problem =
      make_problem(HttpErrorCode::kMalformed, "HTTPS is spoken here: write https:// in place of http://");
  co_await answer_problem(exchange, problem);
}

void Connection::start_handshake_wait(bool writable) {
  if (reading_) return;
  reading_ = true;
  const auto what = writable ? Socket::wait_write : Socket::wait_read;
  socket_.async_wait(what, [self = shared_from_this()](const BoostError& /*error*/) {
    self->reading_ = false;  // a socket that failed fails the next step
    self->go_on();
  });
}

void Connection::enter_greeting() {
  const bool full = shared_.greeting.size() >= shared_.limits.handshakes_at_once;
  if (full && !shared_.greeting.empty()) shared_.greeting.front()->abort();
  greeting_place_ = shared_.greeting.insert(shared_.greeting.end(), this);
}

void Connection::leave_greeting() {
  if (greeting_place_) shared_.greeting.erase(*greeting_place_);
  greeting_place_.reset();
}

}  // namespace curlew
