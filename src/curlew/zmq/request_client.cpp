#include <fmt/format.h>

#include <optional>
#include <utility>
#include <zmq.hpp>

#include "curlew/base/startup_error.hpp"
#include "curlew/zmq/client.hpp"
#include "curlew/zmq/socket_io.hpp"

namespace curlew {
namespace {

/// What a service may send in one frame, and in one reply.
constexpr MessageLimits kReplyLimits{64 * kMiB, 1024};

}  // namespace

class RequestClient::Socket {
 public:
  Socket(std::string address, const Stopper& stopper) : address_(std::move(address)), stopper_(stopper) { connect(); }

  Result<Frames, NoReply> ask(const Frames& request, Duration timeout) {
    const TimePoint deadline = now() + timeout;
    if (stopper_.stopped()) return tl::make_unexpected(NoReply::kStopped);
    if (!req_) connect();
    if (send_now(*req_, request)) {
      while (now() < deadline && !stopper_.stopped()) {
        if (auto reply = receive_now(*req_, kReplyLimits); reply && reply->whole) return std::move(reply->frames);
        wait_for_input({&*req_}, stopper_.fd(), deadline);
      }
    }
    req_.reset();  // a REQ that waits for its reply takes no other request
    return tl::make_unexpected(stopper_.stopped() ? NoReply::kStopped : NoReply::kTimeout);
  }

 private:
  void connect() {
    zmq::socket_t req(context_, zmq::socket_type::req);
    req.set(zmq::sockopt::linger, 0);
    req.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(kReplyLimits.bytes));
    try {
      req.connect(address_);
    } catch (const zmq::error_t& e) {
      throw StartupError(ExitStatus::kUsage, fmt::format("{} is no address of a service: {}", address_, e.what()));
    }
    req_ = std::move(req);
  }

  const std::string address_;
  const Stopper& stopper_;
  zmq::context_t context_{1};
  std::optional<zmq::socket_t> req_;  // nothing after a request without reply
};

RequestClient::RequestClient(const std::string& address, const Stopper& stopper)
    : socket_(std::make_unique<Socket>(address, stopper)) {}
RequestClient::~RequestClient() = default;

Result<Frames, NoReply> RequestClient::ask(const Frames& request, Duration timeout) {
  return socket_->ask(request, timeout);
}

}  // namespace curlew
