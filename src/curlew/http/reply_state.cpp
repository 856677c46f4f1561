#include "curlew/http/reply_state.hpp"

#include <exception>
#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

/// One who listens badly must not end the http thread, which serves all.
void tell(const std::function<void()>& told) {
  if (!told) return;
  try {
    told();
  } catch (const std::exception& error) {
    log_error("a listener of an HTTP answer failed: {}", error.what());
  }
}

}  // namespace

void ReplyState::poke() {
  if (poke_) poke_();
}

/// Whether the connection has yet to be told that there is something to be taken. With the lock held.
bool ReplyState::is_news() { return !std::exchange(poked_, true); }

void ReplyState::begin(Head head) {
  {
    const std::scoped_lock lock(mutex_);
    if (phase_ != Phase::kOpen) return;
    phase_ = head.body ? Phase::kEnded : Phase::kStream;
    head_ = std::move(head);
  }
  poke();
}

void ReplyState::fail(const HttpProblem& problem) {
  HttpHeaders headers = error_headers(problem);
  headers.set("Content-Type", error_media_type(style_.errors));
  begin({.status = problem.status(),
         .headers = std::move(headers),
         .body = error_body(problem, style_.request_id, style_.errors)});
}

StreamRoom ReplyState::write(std::string piece) {
  StreamRoom room = StreamRoom::kRoom;
  bool tell_connection = true;
  {
    const std::scoped_lock lock(mutex_);
    if (phase_ != Phase::kStream || gone_ || cut_) return StreamRoom::kGone;
    const ByteCount unsent = waiting_ + in_flight_;
    if (unsent > 0 && unsent + piece.size() > style_.limit) {
      cut_ = true;
      room = StreamRoom::kGone;
    } else {
      tell_connection = is_news();  // but a stream that is cut is to be heard of at once
      waiting_ += piece.size();
      if (!piece.empty()) pieces_.push_back(std::move(piece));
      // Whoever was told so once is to hear of room: a small piece of somebody else must not undo it.
      if (waiting_ + in_flight_ > style_.room) {
        starved_ = true;
        room = StreamRoom::kFull;
      }
    }
  }
  if (tell_connection) poke();
  return room;
}

void ReplyState::end() {
  {
    const std::scoped_lock lock(mutex_);
    if (phase_ != Phase::kStream) return;
    phase_ = Phase::kEnded;
  }
  poke();
}

void ReplyState::on_room(std::function<void()> told) {
  const std::scoped_lock lock(mutex_);
  if (!finished_) on_room_ = std::move(told);
}

void ReplyState::on_gone(std::function<void()> told) {
  {
    const std::scoped_lock lock(mutex_);
    if (finished_ && !gone_) return;
    if (!gone_) {
      on_gone_ = std::move(told);
      return;
    }
  }
  tell(told);
}

void ReplyState::abandon() {
  Phase phase = Phase::kEnded;
  {
    const std::scoped_lock lock(mutex_);
    phase = phase_;
    if (phase == Phase::kStream) cut_ = true;
  }
  if (phase == Phase::kOpen) fail(make_problem(HttpErrorCode::kInternal, ""));
  if (phase == Phase::kStream) poke();
}

std::optional<ReplyState::Head> ReplyState::take_head() {
  const std::scoped_lock lock(mutex_);
  poked_ = false;
  return std::exchange(head_, std::nullopt);
}

ReplyState::Pieces ReplyState::take_pieces() {
  Pieces pieces;
  const std::scoped_lock lock(mutex_);
  poked_ = false;
  pieces.broken = cut_;
  if (cut_) return pieces;
  for (std::string& piece : pieces_) {
    if (pieces.bytes.empty()) {
      pieces.bytes = std::move(piece);
    } else {
      pieces.bytes += piece;
    }
  }
  pieces_.clear();
  in_flight_ = std::exchange(waiting_, 0);
  pieces.ended = phase_ == Phase::kEnded;
  return pieces;
}

void ReplyState::wrote() {
  std::function<void()> told;
  {
    const std::scoped_lock lock(mutex_);
    in_flight_ = 0;
    if (starved_ && waiting_ <= style_.room / 2) {
      starved_ = false;
      told = on_room_;
    }
  }
  tell(told);
}

bool ReplyState::cut() const {
  const std::scoped_lock lock(mutex_);
  return cut_;
}

void ReplyState::mark_gone() {
  std::function<void()> told;
  std::function<void()> dropped;
  {
    const std::scoped_lock lock(mutex_);
    if (gone_ || finished_) return;
    gone_ = true;
    pieces_.clear();
    waiting_ = 0;
    told = std::exchange(on_gone_, nullptr);
    dropped = std::exchange(on_room_, nullptr);
  }
  tell(told);
}

void ReplyState::finish() {
  std::function<void()> dropped_room;  // what they hold is let go after the lock
  std::function<void()> dropped_gone;
  const std::scoped_lock lock(mutex_);
  finished_ = true;
  dropped_room = std::exchange(on_room_, nullptr);
  dropped_gone = std::exchange(on_gone_, nullptr);
}

ReplyHandle::~ReplyHandle() { state_->abandon(); }
void ReplyHandle::send(int status, HttpHeaders headers, std::string body) {
  state_->begin({.status = status, .headers = std::move(headers), .body = std::move(body)});
}
void ReplyHandle::fail(HttpProblem problem) { state_->fail(problem); }
void ReplyHandle::begin_stream(int status, HttpHeaders headers) {
  state_->begin({.status = status, .headers = std::move(headers), .body = std::nullopt});
}
StreamRoom ReplyHandle::write(std::string piece) { return state_->write(std::move(piece)); }
void ReplyHandle::end() { state_->end(); }
void ReplyHandle::on_room(std::function<void()> told) { state_->on_room(std::move(told)); }
void ReplyHandle::on_gone(std::function<void()> told) { state_->on_gone(std::move(told)); }

}  // namespace curlew
