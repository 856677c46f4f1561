#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "curlew/base/byte_count.hpp"
#include "curlew/http/http_reply.hpp"

namespace curlew {

/// What a handler has said, until the connection has written it: between any thread and the http thread.
///
/// Threads: any; the second half is for the http thread. No lock is held over a callback.
class ReplyState {
 public:
  struct Style {
    std::string request_id;
    ErrorStyle errors = ErrorStyle::kProblem;
    ByteCount room = 0;
    ByteCount limit = 0;
  };
  struct Head {
    int status = 0;
    HttpHeaders headers;
    std::optional<std::string> body;  ///< nothing: a stream
  };
  struct Pieces {
    std::string bytes;    ///< all that waited
    bool ended = false;   ///< and nothing will follow
    bool broken = false;  ///< the stream cannot be made whole any more
  };

  /// `poke` is called on any thread when the connection has something to look at.
  ReplyState(Style style, std::function<void()> poke) : style_(std::move(style)), poke_(std::move(poke)) {}

  void begin(Head head);
  void fail(const HttpProblem& problem);
  StreamRoom write(std::string piece);
  void end();
  void on_room(std::function<void()> told);
  void on_gone(std::function<void()> told);
  /// The handler let go.
  void abandon();

  std::optional<Head> take_head();
  Pieces take_pieces();
  /// What take_pieces gave has been written.
  void wrote();
  /// Whether nothing more is to be written: the stream was left unread for too long, or broken off.
  bool cut() const;
  /// The client has gone, or wants no more.
  void mark_gone();
  /// The answer is complete: nobody is told anything any more.
  void finish();

 private:
  enum class Phase : std::uint8_t { kOpen, kStream, kEnded };

  void poke();
  bool is_news();

  const Style style_;
  const std::function<void()> poke_;
  mutable std::mutex mutex_;
  Phase phase_ = Phase::kOpen;
  std::optional<Head> head_;
  std::deque<std::string> pieces_;
  ByteCount waiting_ = 0;
  ByteCount in_flight_ = 0;
  bool starved_ = false;  ///< somebody was told kFull
  bool poked_ = false;    ///< and the connection has not looked since
  bool gone_ = false;
  bool cut_ = false;
  bool finished_ = false;
  std::function<void()> on_room_;
  std::function<void()> on_gone_;
};

/// What handlers hold.
class ReplyHandle : public HttpReply {
 public:
  explicit ReplyHandle(std::shared_ptr<ReplyState> state) : state_(std::move(state)) {}
  ~ReplyHandle() override;
  void send(int status, HttpHeaders headers, std::string body) override;
  void fail(HttpProblem problem) override;
  void begin_stream(int status, HttpHeaders headers) override;
  StreamRoom write(std::string piece) override;
  void end() override;
  void on_room(std::function<void()> told) override;
  void on_gone(std::function<void()> told) override;

 private:
  std::shared_ptr<ReplyState> state_;
};

}  // namespace curlew
