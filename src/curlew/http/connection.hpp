#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "curlew/http/body_room.hpp"
#include "curlew/http/gate.hpp"
#include "curlew/http/http_observer.hpp"
#include "curlew/http/reply_state.hpp"
#include "curlew/http/request_body.hpp"
#include "curlew/http/request_id.hpp"
#include "curlew/http/transport.hpp"
#include "curlew/http/turns.hpp"

namespace curlew {

class Connection;

inline constexpr std::size_t kScratchBytes = std::size_t{64} * 1024;  ///< what one read takes at most

/// What all connections of a server share.
///
/// Threads: the http thread, but `post`.
struct ConnectionShared {
  HttpLimits limits;
  const Router& router;
  Gate gate;
  RequestIds ids;
  HttpObserver& observer;
  std::shared_ptr<BodyBudget> bodies;
  std::function<void(std::function<void()>)> post;  ///< runs something on the http thread; any thread, also afterwards
  bool draining = false;
  Turns turns;                           ///< of handshakes
  std::list<Connection*> idle = {};      ///< who waits for a request or for the client to close; the longest first
  std::list<Connection*> greeting = {};  ///< whose handshake is under way; the longest first
  std::array<char, kScratchBytes>
      scratch{};  ///< what is read goes through here, so that idle connections need no buffer
};

/// One client's connection.
///
/// Threads: the http thread. One coroutine does all in order; whatever happens (bytes, room to write, an answer) only
/// sets
///          state and wakes it, and its one timer sees to the deadline of what it waits for.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// `shared` outlives the coroutines.
  Connection(ConnectionShared& shared, Socket socket, std::unique_ptr<Transport> transport, const PeerAddress& peer);

  /// Answers requests until the connection ends.
  boost::asio::awaitable<void> serve();
  /// Answers 503 and ends.
  boost::asio::awaitable<void> refuse();

  /// Looks again at what may have changed, once whoever calls is done.
  void wake();
  /// The same at once: for who has nothing left to do, and calls from no other connection's work.
  void go_on();
  /// Ends at once; the client sees a reset.
  void abort();
  void end_stream();

 private:
  struct Exchange;
  /// The coroutine while it waits.
  struct Sleeper {
    Sleeper() = default;
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;
    virtual ~Sleeper() = default;
    virtual void go_on() = 0;
  };
  using Answer = ReplyState::Head;
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  // connection_opening.cpp: what comes before the first request
  Awaitable<bool> open();
  Awaitable<bool> shake_hands(TimePoint deadline);
  Awaitable<void> take_turn();
  Awaitable<void> answer_plain();
  void start_handshake_wait(bool writable);
  void enter_greeting();
  void leave_greeting();

  // connection.cpp: the way of a request
  Awaitable<bool> serve_one();
  Awaitable<bool> read_head(HeadScan& scan, std::optional<HttpProblem>& problem);
  Awaitable<std::optional<HttpProblem>> read_body(BodyReader& reader, BodyRoom& room);
  Awaitable<bool> serve_admitted(Exchange& exchange, Admission admission, const Framing& framing);
  Awaitable<bool> run_handler(Exchange& exchange, HttpRequest request);
  Awaitable<bool> answer_problem(Exchange& exchange, const HttpProblem& problem);
  void call_handler(HttpRequest request, const std::shared_ptr<ReplyState>& state);
  std::shared_ptr<ReplyState> make_state(const Exchange& exchange);
  void report(const Exchange& exchange);

  // connection_io.cpp: bytes in and out
  Awaitable<bool> answer(Exchange& exchange, Answer answer);
  Awaitable<bool> write_stream(Exchange& exchange);
  Awaitable<bool> write_all(std::array<std::string_view, 3> parts);
  Awaitable<void> wait(TimePoint deadline);
  Awaitable<void> sleep();
  void watch(TimePoint deadline);
  void on_timer();
  Awaitable<void> say_end(TimePoint deadline);
  Awaitable<void> linger();
  void start_read();
  bool read_now();
  void start_write_wait();
  void become_idle();
  void leave_idle();
  void close();

  ConnectionShared& shared_;
  Socket socket_;
  std::unique_ptr<Transport> transport_;
  boost::asio::steady_timer timer_;
  std::optional<TimePoint> armed_for_;  ///< when the timer ends: at the deadline or, to be armed less often, before it
  TimePoint deadline_{};
  std::unique_ptr<Sleeper> sleeper_;
  PeerAddress peer_;
  TimePoint opened_ = now();
  std::string in_;  ///< read and not yet used
  std::shared_ptr<ReplyState> reply_;
  std::optional<std::list<Connection*>::iterator> idle_place_;
  std::optional<std::list<Connection*>::iterator> greeting_place_;
  bool woken_ = false;
  bool has_turn_ = false;
  bool reading_ = false;
  bool read_needs_write_ = false;  ///< what TLS has to send before it can read on
  bool awaiting_write_ = false;
  bool client_ended_ = false;  ///< it sends no more
  bool dead_ = false;          ///< nothing can be written any more
  bool end_stream_ = false;
  bool unread_ = false;  ///< the client may be sending what is not read any more
  bool served_before_ = false;
  bool refused_ = false;
};

/// One request, for the answer and the log.
struct Connection::Exchange {
  std::string request_id;
  std::string method = "-";
  std::string path = "-";
  std::string route = "none";
  std::string client;
  ErrorStyle errors = ErrorStyle::kProblem;
  bool head_only = false;
  bool keep_alive = false;
  int minor_version = 1;
  TimePoint received{};
  int status = 0;
  ByteCount body_bytes = 0;
  ByteCount answer_bytes = 0;
  bool complete = false;
};

}  // namespace curlew
