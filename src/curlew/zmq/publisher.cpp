#include "curlew/zmq/publisher.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
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
#include "curlew/zmq/socket_io.hpp"

namespace curlew {
namespace {

/// What a subscriber may send in one frame: ZeroMQ keeps a node a byte of a topic, and frees them by recursion.
constexpr std::int64_t kTopicBytes = 1024;
constexpr int kTopicsInRow = 1000;  ///< subscriptions that are read before messages are sent

/// What other threads hand over to the publisher's.
struct HandedOver {
  std::deque<Frames> messages;
  std::optional<std::vector<std::string>> rebind;
  bool wake = false;
  bool stop = false;

  bool any() const { return !messages.empty() || rebind || wake || stop; }
};

}  // namespace

class Publisher::Loop {
 public:
  Loop(const Options& options, Events events)
      : name_(options.name),
        capacity_(options.handed_over),
        events_(std::move(events)),
        guard_(context_, xpub_, options.name, {.taken = options.subscriber_bytes, .connections = options.connections}),
        binding_(xpub_, options.name) {
    xpub_.set(zmq::sockopt::xpub_verbose, true);
    xpub_.set(zmq::sockopt::maxmsgsize, kTopicBytes);
    xpub_.set(zmq::sockopt::sndhwm, options.high_water);
    xpub_.set(zmq::sockopt::linger, kLinger);
    xpub_.set(zmq::sockopt::tcp_keepalive, 1);
    binding_.bind_all(options.endpoints);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Calls of publish() that began before this come back; what they handed over in time is sent.
  void end() {
    {
      std::unique_lock lock(mutex_);
      handed_over_.stop = true;
      tell();
      room_.notify_all();
      left_.wait(lock, [&] { return callers_ == 0; });
    }
    if (thread_.joinable()) thread_.join();
  }

  void start() {
    thread_ = start_thread("zmq out", [this](const std::stop_token&) { run(); });
  }

  void publish(Frames message) {
    if (message.empty()) return;
    std::unique_lock lock(mutex_);
    ++callers_;
    room_.wait(lock, [&] { return handed_over_.messages.size() < capacity_ || handed_over_.stop; });
    if (!handed_over_.stop) {
      handed_over_.messages.push_back(std::move(message));
      tell();
    }
    // The end waits for this; nothing of the object is touched after the lock is gone.
    if (--callers_ == 0 && handed_over_.stop) left_.notify_all();
  }

  void wake() {
    const std::scoped_lock lock(mutex_);
    handed_over_.wake = true;
    tell();
  }

  void rebind(std::vector<std::string> endpoints) {
    const std::scoped_lock lock(mutex_);
    handed_over_.rebind = std::move(endpoints);
    tell();
  }

  std::vector<std::string> addresses() const { return binding_.addresses(); }

 private:
  /// With the lock.
  void tell() {
    if (asleep_) wake_.wake();
    asleep_ = false;
  }

  /// What there is. Where there is nothing the thread may sleep.
  HandedOver take() {
    const std::scoped_lock lock(mutex_);
    wake_.clear();
    asleep_ = !handed_over_.any();
    HandedOver taken;
    taken.stop = handed_over_.stop;
    taken.wake = std::exchange(handed_over_.wake, false);
    taken.rebind = std::exchange(handed_over_.rebind, std::nullopt);
    taken.messages.swap(handed_over_.messages);
    room_.notify_all();
    return taken;
  }

  void run() {
    bool goes_on = true;
    while (goes_on) {
      try {
        goes_on = step();
      } catch (const std::exception& e) {
        log_error("{}: {}", name_, e.what());
      }
    }
  }

  /// False once it is to end, and all that was handed over has been sent.
  bool step() {
    HandedOver taken = take();
    for (const Frames& message : taken.messages) send_(message);
    if (taken.stop) return false;
    if (taken.rebind) binding_.rebind(*taken.rebind);
    if (now() >= binding_.retry_at()) binding_.retry();
    guard_.tend();
    const bool had_topics = read_subscriptions();
    if (events_.due && (taken.wake || now() >= due_)) due_ = events_.due(send_);
    if (!taken.any() && !had_topics) {
      wait_for_input({&xpub_, &guard_.events()}, wake_.get(), std::min({due_, binding_.retry_at(), guard_.due()}));
    }
    return true;
  }

  /// Whether there were any. ZeroMQ takes each frame that begins so as a subscription, wherever it stands; all else
  /// that subscribers send is read over.
  bool read_subscriptions() {
    zmq::message_t frame;
    int count = 0;
    for (; count < kTopicsInRow && receive_frame(xpub_, frame); ++count) {
      const std::string_view text(static_cast<const char*>(frame.data()), frame.size());
      if (text.starts_with('\x01') && events_.subscribed) events_.subscribed(text.substr(1), send_);
      if (text.starts_with('\x00') && events_.unsubscribed) events_.unsubscribed(text.substr(1));
    }
    return count > 0;
  }

  const std::string name_;
  const std::size_t capacity_;
  const Events events_;
  zmq::context_t context_{1};
  zmq::socket_t xpub_{context_, zmq::socket_type::xpub};
  ConnectionGuard guard_;
  Binding binding_;
  const Send send_ = [this](const Frames& message) {
    if (!message.empty()) send_now(xpub_, message);
  };
  TimePoint due_ = events_.due ? TimePoint() : TimePoint::max();  // long ago: it is called when the thread starts

  WakeFd wake_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable left_;
  HandedOver handed_over_;  // guarded by mutex_
  bool asleep_ = false;     // guarded by mutex_
  int callers_ = 0;         // guarded by mutex_: inside publish()
  std::jthread thread_;
};

Publisher::Publisher(const Options& options, Events events)
    : loop_(std::make_unique<Loop>(options, std::move(events))) {}
Publisher::~Publisher() { loop_->end(); }
void Publisher::start() { loop_->start(); }
void Publisher::publish(Frames message) { loop_->publish(std::move(message)); }
void Publisher::wake() { loop_->wake(); }
std::vector<std::string> Publisher::addresses() const { return loop_->addresses(); }
void Publisher::rebind(std::vector<std::string> endpoints) { loop_->rebind(std::move(endpoints)); }

}  // namespace curlew
