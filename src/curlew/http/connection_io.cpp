#include <fmt/format.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "curlew/base/clock.hpp"
#include "curlew/http/connection.hpp"
#include "curlew/http/response_head.hpp"

namespace curlew {
namespace {

namespace asio = boost::asio;
using BoostError = boost::system::error_code;

constexpr Duration kNoDeadline = std::chrono::hours(24);  // who writes a stream, or closes it, wakes us
constexpr std::size_t kKeptBuffer = 4096;                 // what an idle connection may keep of its read buffer

bool would_block(const BoostError& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

}  // namespace

void Connection::wake() {
  woken_ = true;
  timer_.cancel();
}

/// Until something wakes it, or the deadline; who waits looks for itself what has changed.
asio::awaitable<void> Connection::wait(TimePoint deadline) {
  if (!std::exchange(woken_, false)) {
    timer_.expires_at(deadline);
    BoostError ended;
    auto token = asio::redirect_error(asio::use_awaitable, ended);
    co_await timer_.async_wait(token);
    woken_ = false;
  }
}

void Connection::start_read() {
  if (reading_ || client_ended_ || dead_ || in_.size() >= shared_.limits.read_ahead_bytes) return;
  reading_ = true;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const BoostError& error) {
    self->reading_ = false;
    if (error) self->client_ended_ = true;
    if (!error) self->read_now();
    self->wake();
  });
}

void Connection::read_now() {
  BoostError error;
  const std::size_t bytes = socket_.read_some(asio::buffer(shared_.scratch), error);
  if (would_block(error)) return;
  if (error || bytes == 0) {
    client_ended_ = true;
  } else {
    in_.append(shared_.scratch.data(), bytes);
  }
}

void Connection::start_write_wait() {
  if (awaiting_write_ || dead_) return;
  awaiting_write_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const BoostError& error) {
    self->awaiting_write_ = false;
    if (error) self->dead_ = true;
    self->wake();
  });
}

/// False where the client did not take it all.
asio::awaitable<bool> Connection::write_all(std::array<std::string_view, 3> parts) {
  TimePoint deadline = now() + shared_.limits.write_stall;
  while (!dead_) {
    std::array<asio::const_buffer, 3> buffers;
    std::size_t left = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      buffers[i] = asio::const_buffer(parts[i].data(), parts[i].size());
      left += parts[i].size();
    }
    if (left == 0) co_return true;
    BoostError error;
    std::size_t written = socket_.write_some(buffers, error);
    if (error && !would_block(error)) dead_ = true;
    if (written > 0) deadline = now() + shared_.limits.write_stall;
    for (std::string_view& part : parts) {
      const std::size_t done = std::min(written, part.size());
      part.remove_prefix(done);
      written -= done;
    }
    if (!would_block(error)) continue;
    if (now() >= deadline || (reply_ && reply_->cut())) {
      abort();
    } else {
      start_write_wait();
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

/// A client that has sent what nobody read would lose its answer if we closed: it may read until then.
asio::awaitable<void> Connection::linger() {
  BoostError ignored;
  const bool has_sent_more = unread_ || !in_.empty() || socket_.available(ignored) > 0;
  if (dead_ || !has_sent_more) co_return;
  socket_.shutdown(Socket::shutdown_send, ignored);
  become_idle();
  const TimePoint deadline = now() + shared_.limits.linger_time;
  while (!dead_ && !client_ended_ && now() < deadline) {
    in_.clear();
    start_read();
    co_await wait(deadline);
  }
  leave_idle();
}

void Connection::become_idle() {
  if (!idle_place_ && !dead_) idle_place_ = shared_.idle.insert(shared_.idle.end(), this);
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
  BoostError ignored;
  // Nothing unsent is kept for a client that does not read.
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  wake();
}

void Connection::close() {
  dead_ = true;
  leave_idle();
  BoostError ignored;
  socket_.close(ignored);
}

}  // namespace curlew
