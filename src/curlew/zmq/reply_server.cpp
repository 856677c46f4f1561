#include "curlew/zmq/reply_server.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <zmq.hpp>

#include "curlew/base/log.hpp"
#include "curlew/base/thread.hpp"
#include "curlew/base/wake_fd.hpp"
#include "curlew/zmq/binding.hpp"
#include "curlew/zmq/connection_guard.hpp"
#include "curlew/zmq/request_turns.hpp"
#include "curlew/zmq/socket_io.hpp"

namespace curlew {
namespace {

constexpr int kRequestsInSocket = 8;    ///< of one client, before TCP holds it back
constexpr int kRepliesInSocket = 1000;  ///< for one client; who does not read loses what goes beyond
constexpr std::size_t kFrames = 1024;   ///< of one message; a request has three
constexpr ByteCount kEnvelopeBytes = 64 * kKiB;
constexpr int kRequestsInRow = 64;      ///< before what was answered is sent
constexpr ByteCount kUncounted = kMiB;  ///< greeting, heartbeats, framing, envelopes, ZeroMQ's own buffers

/// A client may fill its place in the socket, while one message more is on its way there.
ConnectionLimits limits_of(const ReplyServer::Options& options) {
  return {.held = (kRequestsInSocket + 1) * options.message_bytes + kUncounted,
          .unread = options.unread_bytes,
          .connections = options.connections};
}

/// The end of a request: its reply, or that there is none.
struct Outcome {
  Frames envelope;
  std::optional<Frames> reply;
};

/// What other threads tell the server's.
struct Notes {
  std::vector<Outcome> outcomes;
  std::optional<std::vector<std::string>> rebind;
  bool stop = false;

  bool any() const { return !outcomes.empty() || rebind || stop; }
};

/// Where they tell it; outlives the server as long as an Answer does.
class Inbox {
 public:
  /// Threads: any.
  void add(const std::function<void(Notes&)>& note) {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;
    note(notes_);
    if (asleep_) wake_.wake();
    asleep_ = false;
  }

  /// What there is. Where there is nothing the thread may sleep: a later note makes fd() readable.
  Notes take() {
    const std::scoped_lock lock(mutex_);
    wake_.clear();
    asleep_ = !notes_.any();
    return std::exchange(notes_, {});
  }

  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    notes_ = {};
  }

  int fd() const { return wake_.get(); }

 private:
  WakeFd wake_;
  std::mutex mutex_;
  Notes notes_;          // guarded by mutex_
  bool asleep_ = false;  // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
};

}  // namespace

class ReplyServer::Answer::Way {
 public:
  Way(std::shared_ptr<Inbox> inbox, Frames envelope) : inbox_(std::move(inbox)), envelope_(std::move(envelope)) {}
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;
  ~Way() { finish(std::nullopt); }

  void finish(std::optional<Frames> reply) {
    if (finished_.exchange(true)) return;
    inbox_->add([&](Notes& notes) { notes.outcomes.push_back({std::move(envelope_), std::move(reply)}); });
  }

 private:
  std::shared_ptr<Inbox> inbox_;
  Frames envelope_;
  std::atomic<bool> finished_ = false;
};

void ReplyServer::Answer::operator()(Frames reply) const { way_->finish(std::move(reply)); }

class ReplyServer::Loop {
 public:
  Loop(const Options& options, Handler handler)
      : options_(options),
        handler_(std::move(handler)),
        guard_(context_, router_, options.name, limits_of(options)),
        binding_(router_, options.name) {
    router_.set(zmq::sockopt::router_handover, true);
    router_.set(zmq::sockopt::router_mandatory, true);  // a reply that is dropped is not counted as sent
    router_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(options.message_bytes));
    router_.set(zmq::sockopt::rcvhwm, kRequestsInSocket);
    router_.set(zmq::sockopt::sndhwm, kRepliesInSocket);
    router_.set(zmq::sockopt::linger, kLinger);
    router_.set(zmq::sockopt::tcp_keepalive, 1);
    binding_.bind_all(options.endpoints);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    inbox_->add([](Notes& notes) { notes.stop = true; });
    if (thread_.joinable()) thread_.join();
    inbox_->close();
  }

  void start() {
    thread_ = start_thread("zmq in", [this](const std::stop_token&) { run(); });
  }
  std::vector<std::string> addresses() const { return binding_.addresses(); }
  void rebind(std::vector<std::string> endpoints) {
    inbox_->add([&](Notes& notes) { notes.rebind = std::move(endpoints); });
  }

 private:
  void run() {
    while (true) {
      try {
        if (!step()) return;
      } catch (const std::exception& e) {
        log_error("{}: {}", options_.name, e.what());
      }
    }
  }

  /// False once it is to end, and what was answered has been sent.
  bool step() {
    Notes notes = inbox_->take();
    is_ending_ = notes.stop;
    for (Outcome& outcome : notes.outcomes) finish(outcome);
    if (notes.stop) return false;
    if (notes.rebind) binding_.rebind(*notes.rebind);
    if (now() >= binding_.retry_at()) binding_.retry();
    guard_.tend();
    const bool has_room = turns_.waiting_bytes() <= options_.waiting_bytes;
    const bool is_idle = !notes.any() && !(has_room && take_requests());
    if (is_idle) wait(has_room);
    return true;
  }

  void wait(bool has_room) {
    const TimePoint deadline = std::min(binding_.retry_at(), guard_.due());
    if (has_room) {
      wait_for_input({&router_, &guard_.events()}, inbox_->fd(), deadline);
    } else {
      wait_for_input({&guard_.events()}, inbox_->fd(), deadline);
    }
  }

  /// Whether there were any.
  bool take_requests() {
    for (int taken = 0; taken < kRequestsInRow; ++taken) {
      auto message = receive_now(router_, {options_.message_bytes + kEnvelopeBytes, kFrames});
      if (!message) return taken > 0;
      take(std::move(*message));
      if (turns_.waiting_bytes() > options_.waiting_bytes) break;
    }
    return true;
  }

  void take(Received message) {
    // The first frame is ZeroMQ's own name of the client.
    const std::string& client = message.frames.front();
    guard_.delivered(message.source, client, message.wire_bytes - wire_bytes(client.size()));
    if (!message.whole) {
      log_debug("{}: a message that is too large was dropped", options_.name);
      return;
    }
    auto request = split_envelope(std::move(message.frames));
    if (!request) {
      log_debug("{}: a message without its empty frame was dropped", options_.name);
      return;
    }
    if (auto turn = turns_.arrived(std::move(*request))) hand_over(std::move(*turn));
  }

  void hand_over(Request request) {
    const Answer answer(std::make_shared<Answer::Way>(inbox_, std::move(request.envelope)));
    try {
      handler_(std::move(request.body), answer);
    } catch (const std::exception& e) {
      log_error("{}: a request was not answered: {}", options_.name, e.what());
    }
  }

  void finish(Outcome& outcome) {
    const std::string client = outcome.envelope.front();
    if (outcome.reply && !outcome.reply->empty()) send(std::move(outcome.envelope), std::move(*outcome.reply));
    auto next = turns_.done(client);
    if (next && !is_ending_) hand_over(std::move(*next));
  }

  void send(Frames envelope, Frames reply) {
    envelope.insert(envelope.end(), std::make_move_iterator(reply.begin()), std::make_move_iterator(reply.end()));
    if (!send_now(router_, envelope)) {
      log_debug("{}: a reply was dropped: its client is gone, or does not read", options_.name);
      return;
    }
    ByteCount bytes = 0;
    for (const std::string& frame : envelope) bytes += wire_bytes(frame.size());
    guard_.sent(envelope.front(), bytes - wire_bytes(envelope.front().size()));
  }

  const Options options_;
  const Handler handler_;
  zmq::context_t context_{1};
  zmq::socket_t router_{context_, zmq::socket_type::router};
  ConnectionGuard guard_;
  Binding binding_;
  RequestTurns turns_;
  bool is_ending_ = false;
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  std::jthread thread_;
};

ReplyServer::ReplyServer(const Options& options, Handler handler)
    : loop_(std::make_unique<Loop>(options, std::move(handler))) {}
ReplyServer::~ReplyServer() = default;
void ReplyServer::start() { loop_->start(); }
std::vector<std::string> ReplyServer::addresses() const { return loop_->addresses(); }
void ReplyServer::rebind(std::vector<std::string> endpoints) { loop_->rebind(std::move(endpoints)); }

}  // namespace curlew
