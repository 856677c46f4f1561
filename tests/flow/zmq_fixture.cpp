#include "flow/zmq_fixture.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "curlew/base/clock.hpp"

namespace curlew::testing_zmq {
namespace {

constexpr int kPatienceMs = static_cast<int>(std::chrono::milliseconds(kPatience).count());

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = "/tmp/curlew-zmq-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

OddClient::OddClient(zmq::socket_type type, const std::string& address, const Prepare& prepare)
    : socket_(context_, type), events_(context_, zmq::socket_type::pair) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::rcvtimeo, kPatienceMs);
  socket_.set(zmq::sockopt::sndtimeo, kPatienceMs);
  if (prepare) prepare(socket_);
  events_.set(zmq::sockopt::linger, 0);
  events_.set(zmq::sockopt::rcvtimeo, kPatienceMs);
  EXPECT_EQ(zmq_socket_monitor(socket_.handle(), "inproc://events", ZMQ_EVENT_DISCONNECTED), 0);
  events_.connect("inproc://events");
  socket_.connect(address);
}

void OddClient::send(const Frames& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto flags = i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
    EXPECT_TRUE(socket_.send(zmq::const_buffer(frames[i].data(), frames[i].size()), flags));
  }
}

Frames OddClient::receive() {
  Frames frames;
  zmq::message_t frame;
  do {
    if (!socket_.recv(frame)) {
      ADD_FAILURE() << "no message came";
      return {};
    }
    frames.push_back(frame.to_string());
  } while (frame.more());
  return frames;
}

bool OddClient::wait_for_disconnect() {
  zmq::message_t event;
  return events_.recv(event).has_value();
}

RawClient::RawClient(const std::string& address) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&place), sizeof place), 0);
}

RawClient::~RawClient() { ::close(fd_); }

bool RawClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::shake_hands(const std::string& socket_type) const {
  const std::string greeting = std::string("\xff\0\0\0\0\0\0\0\1\x7f\3\1NULL", 16) + std::string(48, '\0');
  const std::string ready =
      std::string("\5READY\13Socket-Type\0\0\0", 21) + static_cast<char>(socket_type.size()) + socket_type;
  return send(greeting + '\4' + static_cast<char>(ready.size()) + ready) && wait_for("READY");
}

bool RawClient::wait_for_end() const {
  const TimePoint deadline = now() + kPatience;
  std::array<char, 4096> some{};
  while (now() < deadline) {
    pollfd state{fd_, POLLIN, 0};
    if (::poll(&state, 1, kPatienceMs) == 1 && ::recv(fd_, some.data(), some.size(), 0) <= 0) return true;
  }
  return false;
}

bool RawClient::wait_for(std::string_view bytes) const {
  const TimePoint deadline = now() + kPatience;
  std::string all;
  std::array<char, 4096> some{};
  while (all.find(bytes) == std::string::npos) {
    pollfd state{fd_, POLLIN, 0};
    if (now() > deadline || ::poll(&state, 1, kPatienceMs) != 1) return false;
    const ssize_t size = ::recv(fd_, some.data(), some.size(), 0);
    if (size <= 0) return false;
    all.append(some.data(), static_cast<std::size_t>(size));
  }
  return true;
}

ReplyServer::Handler HeldRequests::handler() {
  return [this](Frames request, ReplyServer::Answer answer) {
    held_.change([&](auto& held) { held.push_back({std::move(request), std::move(answer)}); });
  };
}

bool HeldRequests::wait_for(std::size_t count) {
  return held_.wait([&](const auto& held) { return held.size() >= count; });
}

Frames HeldRequests::request(std::size_t index) { return held_.get().at(index).request; }

void HeldRequests::answer(std::size_t index, const Frames& reply) {
  std::optional<ReplyServer::Answer> answer;
  held_.change([&](auto& held) { answer = held.at(index).answer; });
  (*answer)(reply);
}

void HeldRequests::forget(std::size_t index) {
  held_.change([&](auto& held) { held.at(index).answer.reset(); });
}

void echo(const Frames& request, const ReplyServer::Answer& answer) { answer(request); }

testing::AssertionResult is_well(const std::string& address) {
  const Stopper stopper;
  RequestClient client(address, stopper);
  const Frames request{"command", "id", "well?"};
  const auto reply = client.ask(request, kPatience);
  if (!reply) return testing::AssertionFailure() << "no reply from " << address;
  if (*reply != request) return testing::AssertionFailure() << "a wrong reply from " << address;
  return testing::AssertionSuccess();
}

ReplyServer::Options on_free_port() {
  ReplyServer::Options options;
  options.endpoints = {"tcp://127.0.0.1:*"};
  return options;
}

}  // namespace curlew::testing_zmq
