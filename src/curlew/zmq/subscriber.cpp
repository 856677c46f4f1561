#include <fmt/format.h>

#include <utility>
#include <zmq.hpp>

#include "curlew/base/startup_error.hpp"
#include "curlew/zmq/client.hpp"
#include "curlew/zmq/socket_io.hpp"

namespace curlew {
namespace {

constexpr int kMessagesInSocket = 100'000;
constexpr int kReconnectMs = 100;
/// What a service may send in one frame, and in one message.
constexpr MessageLimits kMessageLimits{64 * kMiB, 1024};

}  // namespace

class Subscriber::Socket {
 public:
  Socket(const std::string& address, const Stopper& stopper) : stopper_(stopper) {
    sub_.set(zmq::sockopt::rcvhwm, kMessagesInSocket);
    sub_.set(zmq::sockopt::linger, 0);
    sub_.set(zmq::sockopt::reconnect_ivl, kReconnectMs);
    sub_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(kMessageLimits.bytes));
    sub_.set(zmq::sockopt::tcp_keepalive, 1);
    try {
      sub_.connect(address);
    } catch (const zmq::error_t& e) {
      throw StartupError(ExitStatus::kUsage, fmt::format("{} is no address of a service: {}", address, e.what()));
    }
  }

  void subscribe(std::string_view topic) { sub_.set(zmq::sockopt::subscribe, topic); }
  void unsubscribe(std::string_view topic) { sub_.set(zmq::sockopt::unsubscribe, topic); }

  std::optional<Frames> receive(TimePoint deadline) {
    while (!stopper_.stopped()) {
      if (auto message = receive_now(sub_, kMessageLimits)) {
        if (message->whole) return std::move(message->frames);
        continue;
      }
      if (now() >= deadline) return std::nullopt;
      wait_for_input({&sub_}, stopper_.fd(), deadline);
    }
    return std::nullopt;
  }

 private:
  const Stopper& stopper_;
  zmq::context_t context_{1};
  zmq::socket_t sub_{context_, zmq::socket_type::sub};
};

Subscriber::Subscriber(const std::string& address, const Stopper& stopper)
    : socket_(std::make_unique<Socket>(address, stopper)) {}
Subscriber::~Subscriber() = default;

void Subscriber::subscribe(std::string_view topic) { socket_->subscribe(topic); }
void Subscriber::unsubscribe(std::string_view topic) { socket_->unsubscribe(topic); }
std::optional<Frames> Subscriber::receive(TimePoint deadline) { return socket_->receive(deadline); }

}  // namespace curlew
