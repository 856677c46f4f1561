#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "curlew/base/clock.hpp"
#include "curlew/http/connection.hpp"
#include "curlew/http/response_head.hpp"

namespace curlew {
namespace {

namespace asio = boost::asio;
using BoostError = boost::system::error_code;
using Outcome = TransportStep::Outcome;

constexpr Duration kNoDeadline = std::chrono::hours(24);     // who writes a stream, or closes it, wakes us
constexpr std::size_t kKeptBuffer = 4096;                    // what an idle connection may keep of its read buffer
constexpr std::size_t kTurnBytes = std::size_t{512} * 1024;  // written in a row; then others come before the rest

bool nothing_left(const std::array<std::string_view, 3>& parts) {
  return std::ranges::all_of(parts, &std::string_view::empty);
}

void take_off(std::array<std::string_view, 3>& parts, std::size_t bytes) {
  for (std::string_view& part : parts) {
    const std::size_t done = std::min(bytes, part.size());
    part.remove_prefix(done);
    bytes -= done;
  }
}

}  // namespace

void Connection::wake() {
  woken_ = true;
  if (sleeper_) asio::post(socket_.get_executor(), [self = shared_from_this()] { self->go_on(); });
}

void Connection::go_on() {
  woken_ = true;
  if (!sleeper_) return;
  const std::unique_ptr<Sleeper> sleeper = std::move(sleeper_);
  sleeper->go_on();
}

/// Until something wakes it, or the deadline; who waits looks for itself what has changed.
asio::awaitable<void> Connection::wait(TimePoint deadline) {
  if (!std::exchange(woken_, false)) {
    watch(deadline);
    co_await sleep();
    woken_ = false;
  }
}

asio::awaitable<void> Connection::sleep() {
  const auto initiate = [this](auto handler) {
    struct Asleep final : Sleeper {
      explicit Asleep(decltype(handler) coroutine) : coroutine_(std::move(coroutine)) {}
      void go_on() override { std::move(coroutine_)(); }
      decltype(handler) coroutine_;
    };
    sleeper_ = std::make_unique<Asleep>(std::move(handler));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate, asio::use_awaitable);
}

/// Most waits end long before their deadline: a timer that ends too early is armed again then, and not for each wait.
void Connection::watch(TimePoint deadline) {
  deadline_ = deadline;
  if (armed_for_ && *armed_for_ <= deadline) return;
  armed_for_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([weak = weak_from_this()](const BoostError& error) {
    const auto connection = weak.lock();
    if (connection && !error) connection->on_timer();
  });
}

void Connection::on_timer() {
  armed_for_.reset();
  if (!sleeper_) return;
  if (now() < deadline_) {
    watch(deadline_);
  } else {
    go_on();
  }
}

void Connection::start_read() {
  if (reading_ || client_ended_ || dead_ || in_.size() >= shared_.limits.read_ahead_bytes) return;
  if (transport_->has_buffered_input() && read_now()) {
    woken_ = true;
    return;
  }
  reading_ = true;
  const auto what = read_needs_write_ ? Socket::wait_write : Socket::wait_read;
  socket_.async_wait(what, [self = shared_from_this()](const BoostError& error) {
    self->reading_ = false;
    if (error) self->client_ended_ = true;
    if (!error) self->read_now();
    self->go_on();
  });
}

/// Whether there was something, the end among it.
bool Connection::read_now() {
  if (dead_) return false;
  const TransportStep step = transport_->read(shared_.scratch);
  read_needs_write_ = step.outcome == Outcome::kNeedsWrite;
  if (step.outcome == Outcome::kDone) in_.append(shared_.scratch.data(), step.bytes);
  if (step.outcome == Outcome::kEnded || step.outcome == Outcome::kFailed) client_ended_ = true;
  return step.outcome == Outcome::kDone || client_ended_;
}

void Connection::start_write_wait() {
  if (awaiting_write_ || dead_) return;
  awaiting_write_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const BoostError& error) {
    self->awaiting_write_ = false;
    if (error) self->dead_ = true;
    self->go_on();
  });
}

/// False where the client did not take it all.
asio::awaitable<bool> Connection::write_all(std::array<std::string_view, 3> parts) {
  TimePoint deadline = now() + shared_.limits.write_stall;
  std::size_t in_a_row = 0;
  while (!dead_) {
    if (nothing_left(parts)) co_return true;
    const TransportStep step = transport_->write(parts);
    if (step.outcome == Outcome::kDone) {
      deadline = now() + shared_.limits.write_stall;
      in_a_row += step.bytes;
      take_off(parts, step.bytes);
      if (in_a_row < kTurnBytes || nothing_left(parts)) continue;
    }
    in_a_row = 0;
    const bool later = step.outcome == Outcome::kNeedsRead || step.outcome == Outcome::kNeedsWrite;
    if (!later && step.outcome != Outcome::kDone) {
      dead_ = true;
    } else if (now() >= deadline || (reply_ && reply_->cut())) {
      abort();
    } else {
      if (step.outcome == Outcome::kNeedsRead) {
        start_read();
      } else {
        start_write_wait();
      }
      co_await wait(deadline);
    }
  }
  co_return false;
}

/// Whether the connection may go on after it.
asio::awaitable<bool> Connection::answer(Exchange& exchange, Answer answer) {
  const bool stream = !answer.body;
  const bool last = shared_.draining || !exchange.keep_alive || (stream && exchange.minor_version == 0);
  exchange.status = answer.status;
  answer.headers.set("X-Request-Id", exchange.request_id);
  const std::array<std::pair<std::string_view, double>, 1> total{{{"total", to_ms(now() - exchange.received)}}};
  const auto timing = answer.headers.find("Server-Timing");
  std::string stages = timing ? std::string(*timing) + ", " : "";
  answer.headers.set("Server-Timing", stages + server_timing(total));

  ResponseFraming framing;
  framing.keep_alive = !last;
  framing.minor_version = exchange.minor_version;
  framing.chunked = stream && exchange.minor_version == 1;
  if (!stream) framing.length = answer.body->size();
  const std::string head = response_head(answer.status, answer.headers, framing, calendar_now());
  const bool bare = exchange.head_only || never_has_body(answer.status);
  std::array<std::string_view, 3> parts{head};
  if (!stream && !bare) parts[1] = *answer.body;
  bool whole = co_await write_all(parts);
  if (whole) exchange.answer_bytes = parts[1].size();
  if (whole && stream) {
    if (bare) {
      reply_->mark_gone();  // who writes it may stop
    } else {
      whole = co_await write_stream(exchange);
    }
  }
  exchange.complete = whole;
  co_return whole && !last && !end_stream_;
}

/// False where the client has not seen its end.
asio::awaitable<bool> Connection::write_stream(Exchange& exchange) {
  const bool chunked = exchange.minor_version == 1;
  while (!dead_) {
    const ReplyState::Pieces pieces = reply_->take_pieces();
    if (pieces.broken) {
      abort();
      break;
    }
    if (!pieces.bytes.empty()) {
      const std::string size = chunked ? fmt::format("{:x}\r\n", pieces.bytes.size()) : "";
      const std::array<std::string_view, 3> chunk{size, pieces.bytes, chunked ? "\r\n" : ""};
      const bool written = co_await write_all(chunk);
      if (!written) break;
      exchange.answer_bytes += pieces.bytes.size();
      reply_->wrote();
      continue;
    }
    if (pieces.ended || end_stream_) {
      const std::array<std::string_view, 3> end{chunked ? "0\r\n\r\n" : ""};
      const bool written = co_await write_all(end);
      if (end_stream_) reply_->mark_gone();
      co_return written;
    }
    if (client_ended_) {
      abort();
      break;
    }
    start_read();
    co_await wait(now() + kNoDeadline);
  }
  co_return false;
}

asio::awaitable<void> Connection::say_end(TimePoint deadline) {
  while (!dead_) {
    const TransportStep step = transport_->end();
    if (step.outcome != Outcome::kNeedsWrite || now() >= deadline) break;
    start_write_wait();
    co_await wait(deadline);
  }
}

/// A client that has sent what nobody read would lose its answer if we closed: it may read until then.
asio::awaitable<void> Connection::linger() {
  if (dead_) co_return;
  become_idle();
  const TimePoint deadline = now() + shared_.limits.linger_time;
  const bool buffered = transport_->has_buffered_input();
  co_await say_end(deadline);
  BoostError ignored;
  const bool has_sent_more = unread_ || buffered || !in_.empty() || socket_.available(ignored) > 0;
  if (dead_ || !has_sent_more) co_return;
  socket_.shutdown(Socket::shutdown_send, ignored);
  while (!dead_ && !client_ended_ && now() < deadline) {
    in_.clear();
    start_read();
    co_await wait(deadline);
  }
  leave_idle();
}

void Connection::become_idle() {
  if (!idle_place_ && !dead_ && !refused_) idle_place_ = shared_.idle.insert(shared_.idle.end(), this);
  if (in_.empty() && in_.capacity() > kKeptBuffer) std::string().swap(in_);
}

void Connection::leave_idle() {
  if (idle_place_) shared_.idle.erase(*idle_place_);
  idle_place_.reset();
}

void Connection::end_stream() {
  end_stream_ = reply_ != nullptr;
  wake();
}

void Connection::abort() {
  if (dead_) return;
  dead_ = true;
  leave_idle();
  leave_greeting();
  transport_->close();
  BoostError ignored;
  // Nothing unsent is kept for a client that does not read.
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  wake();
}

void Connection::close() {
  dead_ = true;
  timer_.cancel();
  leave_idle();
  transport_->close();
  BoostError ignored;
  socket_.close(ignored);
}

}  // namespace curlew
