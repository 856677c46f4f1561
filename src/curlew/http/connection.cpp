#include "curlew/http/connection.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/http/rate_floor.hpp"

namespace curlew {
namespace {

/// As long as a handler takes; handlers have limits of their own.
constexpr Duration kNoDeadline = std::chrono::hours(24);

/// For logs: a target of another form may hold a password.
std::string_view path_of(std::string_view target) {
  return target.starts_with('/') || target == "*" ? target.substr(0, target.find('?')) : "-";
}

}  // namespace

Connection::Connection(ConnectionShared& shared, Socket socket, std::unique_ptr<Transport> transport,
                       const PeerAddress& peer)
    : shared_(shared),
      socket_(std::move(socket)),
      transport_(std::move(transport)),
      timer_(socket_.get_executor()),
      peer_(peer) {}

boost::asio::awaitable<void> Connection::serve() {
  bool keep = co_await open();
  while (keep && !dead_) keep = co_await serve_one();
  co_await linger();
  close();
}

boost::asio::awaitable<void> Connection::refuse() {
  refused_ = true;
  const bool opened = co_await open();
  if (opened) {
    Exchange exchange;
    const HttpProblem problem = make_problem(HttpErrorCode::kFull, "all connections are taken");
    co_await answer_problem(exchange, problem);
  }
  co_await linger();
  close();
}

/// Whether another request may follow.
boost::asio::awaitable<bool> Connection::serve_one() {
  HeadScan scan(shared_.limits);
  std::optional<HttpProblem> problem;
  const bool begun = co_await read_head(scan, problem);
  if (!begun) co_return false;
  served_before_ = true;

  Exchange exchange;
  exchange.received = now();
  auto head = problem ? tl::make_unexpected(std::move(*problem)) : parse_head(scan.text(), shared_.limits);
  if (!head) {
    exchange.client = to_text(peer_);
    co_return co_await answer_problem(exchange, head.error());
  }
  const std::string_view id = head->headers.get("X-Request-Id");
  if (is_request_id(id)) exchange.request_id = id;
  exchange.method = head->method;
  exchange.path = path_of(head->target);
  exchange.errors = shared_.router.error_style(exchange.path);
  exchange.head_only = head->method == "HEAD";
  exchange.minor_version = head->minor_version;
  exchange.client = shared_.gate.client_of(head->headers, peer_);
  const auto framing = frame_request(*head);
  if (!framing) co_return co_await answer_problem(exchange, framing.error());
  auto admission = shared_.gate.admit(*head, *framing, peer_, exchange.received);
  if (!admission) {
    // Its body is not read, so nothing after it can be.
    exchange.keep_alive = framing->keep_alive && !framing->has_body();
    co_return co_await answer_problem(exchange, admission.error());
  }
  co_return co_await serve_admitted(exchange, std::move(*admission), *framing);
}

/// False where the connection ends before a request.
boost::asio::awaitable<bool> Connection::read_head(HeadScan& scan, std::optional<HttpProblem>& problem) {
  become_idle();
  // The first one's time begins before the handshake.
  TimePoint deadline = served_before_ ? now() + shared_.limits.idle_time : opened_ + shared_.limits.head_time;
  while (!dead_) {
    auto taken = scan.take(in_);
    if (!taken) {
      problem = std::move(taken.error());
      break;
    }
    in_.erase(0, *taken);
    if (scan.done()) break;
    if (scan.begun() && idle_place_) {
      leave_idle();
      deadline = now() + shared_.limits.head_time;
    }
    const bool may_end = !scan.begun() && (shared_.draining || now() >= deadline);
    if (may_end || client_ended_) break;
    if (now() >= deadline) {
      problem = make_problem(HttpErrorCode::kRequestTimeout, "the head of the request did not come in time");
      break;
    }
    start_read();
    co_await wait(deadline);
  }
  leave_idle();
  co_return !dead_ && (problem || scan.done());
}

boost::asio::awaitable<std::optional<HttpProblem>> Connection::read_body(BodyReader& reader, BodyRoom& room) {
  RateFloor floor(shared_.limits.body_bytes_per_s, shared_.limits.body_window, now());
  while (!dead_) {
    const std::size_t before = reader.body().size();
    auto taken = reader.take(in_);
    if (!taken) co_return std::move(taken.error());
    in_.erase(0, *taken);
    floor.add(reader.body().size() - before);
    if (reader.done()) break;
    if (!room.grow_to(reader.body().size())) {
      co_return make_problem(HttpErrorCode::kFull, "too many large requests are under way");
    }
    if (client_ended_) co_return make_problem(HttpErrorCode::kMalformed, "the body is shorter than declared");
    if (floor.too_slow(now())) co_return make_problem(HttpErrorCode::kRequestTimeout, "the body comes too slowly");
    start_read();
    co_await wait(floor.deadline());
  }
  co_return std::nullopt;
}

boost::asio::awaitable<bool> Connection::serve_admitted(Exchange& exchange, Admission admission,
                                                        const Framing& framing) {
  HttpRequest& request = admission.request;
  if (request.route != nullptr) exchange.route = request.route->name;
  if (framing.has_body()) {
    if (framing.expects_continue && in_.empty()) {
      const std::array<std::string_view, 3> go_on{"HTTP/1.1 100 Continue\r\n\r\n"};
      co_await write_all(go_on);
    }
    BodyReader reader(framing, admission.max_body, shared_.limits);
    const auto room = std::make_shared<BodyRoom>(shared_.bodies);
    const auto problem = co_await read_body(reader, *room);
    if (dead_) co_return false;
    exchange.body_bytes = reader.body().size();
    if (problem) co_return co_await answer_problem(exchange, *problem);
    if (admission.body_wanted) {
      request.body = std::move(reader.body());
      request.body_room = room;
    }
  }
  exchange.keep_alive = framing.keep_alive;
  if (!admission.options) co_return co_await run_handler(exchange, std::move(request));
  Answer allowed{.status = 204, .headers = {{"Allow", *admission.options}}, .body = ""};
  const bool keep = co_await answer(exchange, std::move(allowed));
  report(exchange);
  co_return keep;
}

std::shared_ptr<ReplyState> Connection::make_state(const Exchange& exchange) {
  ReplyState::Style style{.request_id = exchange.request_id,
                          .errors = exchange.errors,
                          .room = shared_.limits.stream_room_bytes,
                          .limit = shared_.limits.stream_limit_bytes};
  auto poke = [weak = weak_from_this(), post = shared_.post] {
    post([weak] {
      if (const auto connection = weak.lock()) connection->go_on();
    });
  };
  return std::make_shared<ReplyState>(std::move(style), std::move(poke));
}

void Connection::call_handler(HttpRequest request, const std::shared_ptr<ReplyState>& state) {
  const Route& route = *request.route;
  auto reply = std::make_shared<ReplyHandle>(state);  // answers 500 where nobody else does
  try {
    route.handler(std::move(request), std::move(reply));
  } catch (const std::exception& error) {
    log_error("the handler of {} failed: {}", route.name, error.what());
  }
}

boost::asio::awaitable<bool> Connection::run_handler(Exchange& exchange, HttpRequest request) {
  if (exchange.request_id.empty()) exchange.request_id = shared_.ids.next();
  request.request_id = exchange.request_id;
  reply_ = make_state(exchange);
  call_handler(std::move(request), reply_);

  std::optional<Answer> said = reply_->take_head();
  while (!said && !dead_) {
    if (client_ended_) reply_->mark_gone();  // a handler that answers all the same is heard
    start_read();
    co_await wait(now() + kNoDeadline);
    said = reply_->take_head();
  }
  bool keep = false;
  if (said && !dead_) keep = co_await answer(exchange, std::move(*said));
  if (!exchange.complete) reply_->mark_gone();
  reply_->finish();
  reply_.reset();
  report(exchange);
  co_return keep;
}

boost::asio::awaitable<bool> Connection::answer_problem(Exchange& exchange, const HttpProblem& problem) {
  if (exchange.request_id.empty()) exchange.request_id = shared_.ids.next();
  Answer said{.status = problem.status(),
              .headers = error_headers(problem),
              .body = error_body(problem, exchange.request_id, exchange.errors)};
  said.headers.set("Content-Type", error_media_type(exchange.errors));
  unread_ = !exchange.keep_alive;
  const bool keep = co_await answer(exchange, std::move(said));
  report(exchange);
  co_return keep;
}

void Connection::report(const Exchange& exchange) {
  const HttpExchange done{.route = exchange.route,
                          .method = exchange.method,
                          .path = exchange.path,
                          .client = exchange.client,
                          .request_id = exchange.request_id,
                          .status = exchange.status,
                          .body_bytes = exchange.body_bytes,
                          .answer_bytes = exchange.answer_bytes,
                          .took = now() - exchange.received,
                          .complete = exchange.complete};
  try {
    shared_.observer.request_done(done);
  } catch (const std::exception& error) {
    log_error("the observer of HTTP requests failed: {}", error.what());
  }
}

}  // namespace curlew
