#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "curlew/zmq/connection_guard.hpp"
#include "curlew/zmq/publisher.hpp"
#include "curlew/zmq/reply_server.hpp"
#include "flow/zmq_fixture.hpp"

namespace curlew {
namespace {

using namespace testing_zmq;

/// 0 where a sanitizer keeps what was given back.
ByteCount resident_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#endif
  ByteCount all = 0;
  ByteCount resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<ByteCount>(::sysconf(_SC_PAGESIZE));
}

/// Sends a piece again and again, till the other side has had enough, or `most` bytes are out.
bool is_cut_before(const RawClient& client, const std::string& piece, ByteCount most) {
  for (ByteCount sent = 0; sent < most; sent += piece.size()) {
    if (!client.send(piece)) return true;
  }
  return false;
}

/// Frames as ZMTP writes them.
std::string frame(const std::string& body, bool more) {
  std::string text = body.size() > 255 ? std::string(more ? "\3" : "\2") : std::string(1, more ? '\1' : '\0');
  for (int shift = body.size() > 255 ? 56 : 0; shift >= 0; shift -= 8)
    text.push_back(static_cast<char>(body.size() >> static_cast<unsigned>(shift)));
  return text + body;
}

/// Serves others while time passes in which the connections are looked at several times.
void let_looks_pass(const std::string& address) {
  const TimePoint end = now() + 3 * ConnectionGuard::kLook;
  while (now() < end) ASSERT_TRUE(is_well(address));
}

OddClient::Prepare staying_away() {
  return [](zmq::socket_t& socket) { socket.set(zmq::sockopt::reconnect_ivl, -1); };
}

TEST(RequestConnections, AreCutOffWhereAMessageDoesNotEnd) {
  ReplyServer::Options options = on_free_port();
  options.message_bytes = kMiB;
  ReplyServer server(options, echo);
  server.start();
  const std::string address = server.addresses().front();
  ASSERT_TRUE(is_well(address));
  const ByteCount before = resident_bytes();
  const RawClient hostile(address);
  ASSERT_TRUE(hostile.shake_hands("DEALER"));
  EXPECT_TRUE(is_cut_before(hostile, frame(std::string(kMiB, 'x'), true), 8 * kGiB));
  EXPECT_TRUE(is_well(address));
  EXPECT_LT(resident_bytes(), before + 400 * kMiB);
}

TEST(RequestConnections, AreCutOffWhereRepliesAreNotRead) {
  ReplyServer server(on_free_port(), echo);
  server.start();
  const std::string address = server.addresses().front();
  const RawClient hostile(address);
  ASSERT_TRUE(hostile.shake_hands("DEALER"));
  EXPECT_TRUE(is_cut_before(hostile, frame("", true) + frame(std::string(8 * kMiB, 'x'), false), 8 * kGiB));
  EXPECT_TRUE(is_well(address));
}

TEST(RequestConnections, StayWhereALargeRequestIsAnswered) {
  ReplyServer server(on_free_port(), echo);
  server.start();
  OddClient client(zmq::socket_type::req, server.addresses().front(), staying_away());
  const Frames request{"command", "id", std::string(8 * kMiB, 'x')};
  for (int i = 0; i < 10; ++i) {
    client.send(request);
    ASSERT_TRUE(client.receive() == request);
  }
}

/// The server, both ZeroMQs and both kernels are full of requests, and nothing moves.
TEST(RequestConnections, StayWhereManyRequestsWait) {
  constexpr int kRequests = 60;
  HeldRequests held;
  ReplyServer::Options options = on_free_port();
  options.message_bytes = kMiB;
  options.waiting_bytes = 2 * kMiB;
  ReplyServer server(options, held.handler());
  server.start();
  OddClient client(zmq::socket_type::dealer, server.addresses().front(), staying_away());
  for (int i = 0; i < kRequests; ++i) client.send({"", std::string(kMiB, 'x')});
  ASSERT_TRUE(held.wait_for(1));
  const TimePoint end = now() + 3 * ConnectionGuard::kLook;
  while (now() < end) std::this_thread::yield();
  for (std::size_t i = 0; i < kRequests; ++i) {
    ASSERT_TRUE(held.wait_for(i + 1));
    held.answer(i, {std::to_string(i)});
    ASSERT_EQ(client.receive(), (Frames{"", std::to_string(i)}));
  }
}

TEST(RequestConnections, StayWhereManySmallRepliesAreReadLate) {
  ReplyServer server(on_free_port(), echo);
  server.start();
  OddClient client(zmq::socket_type::dealer, server.addresses().front(), staying_away());
  for (int i = 0; i < 500; ++i) client.send({"", std::to_string(i)});
  let_looks_pass(server.addresses().front());
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.receive(), (Frames{"", std::to_string(i)}));
}

TEST(RequestConnections, AreNoMoreThanTheirLimit) {
  ReplyServer::Options options = on_free_port();
  options.connections = 2;
  ReplyServer server(options, echo);
  server.start();
  const std::string address = server.addresses().front();
  auto first = std::make_unique<OddClient>(zmq::socket_type::req, address);
  OddClient second(zmq::socket_type::req, address);
  for (OddClient* client : {first.get(), &second}) {
    client->send({"request"});
    EXPECT_EQ(client->receive(), Frames{"request"});
  }
  const RawClient third(address);
  EXPECT_TRUE(third.wait_for_end());
  first.reset();
  EXPECT_TRUE(is_well(address));  // it comes again until there is room
  second.send({"still there"});
  EXPECT_EQ(second.receive(), Frames{"still there"});
}

TEST(RequestConnections, CountWhileTheyLast) {
  ReplyServer::Options options = on_free_port();
  options.connections = 2;
  ReplyServer server(options, echo);
  server.start();
  const std::string old = server.addresses().front();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(is_well(old));
  OddClient first(zmq::socket_type::req, old);
  OddClient second(zmq::socket_type::req, old);
  for (OddClient* client : {&first, &second}) {
    client->send({"request"});
    EXPECT_EQ(client->receive(), Frames{"request"});
  }
  TemporaryFolder folder;
  server.rebind({folder.ipc("rep")});  // ZeroMQ lets them go without a word
  for (OddClient* client : {&first, &second}) EXPECT_TRUE(client->wait_for_disconnect());
  server.rebind({"tcp://127.0.0.1:*", folder.ipc("rep")});
  while (server.addresses().size() < 2) ASSERT_TRUE(is_well(folder.ipc("rep")));
  OddClient third(zmq::socket_type::req, server.addresses().front());
  OddClient fourth(zmq::socket_type::req, server.addresses().front());
  for (OddClient* client : {&third, &fourth}) {
    client->send({"request"});
    EXPECT_EQ(client->receive(), Frames{"request"});
  }
}

/// A publisher, and how many subscriptions came.
class SubscriberConnections : public testing::Test {
 protected:
  void SetUp() override { publisher_.start(); }

  static Publisher::Options options() {
    Publisher::Options options;
    options.endpoints = {"tcp://127.0.0.1:*"};
    return options;
  }
  std::string address() const { return publisher_.addresses().front(); }

  void expect_that_another_is_served() {
    OddClient other(zmq::socket_type::sub, address());
    other.socket().set(zmq::sockopt::subscribe, "results");
    ASSERT_TRUE(results_.wait([](int count) { return count > 0; }));
    publisher_.publish({"results", "id", "data"});
    EXPECT_EQ(other.receive(), (Frames{"results", "id", "data"}));
  }

 private:
  Watched<int> results_;
  Publisher publisher_{options(), {.subscribed = [this](std::string_view topic, const Publisher::Send&) {
                         if (topic == "results") results_.change([](int& count) { ++count; });
                       }}};
};

TEST_F(SubscriberConnections, AreCutOffWhereAMessageDoesNotEnd) {
  const ByteCount before = resident_bytes();
  const RawClient hostile(address());
  ASSERT_TRUE(hostile.shake_hands("SUB"));
  std::string frames;
  for (int i = 0; i < 1000; ++i) frames += frame(std::string(1000, 'x'), true);
  EXPECT_TRUE(is_cut_before(hostile, frames, 8 * kGiB));
  expect_that_another_is_served();
  EXPECT_LT(resident_bytes(), before + 400 * kMiB);
}

TEST_F(SubscriberConnections, AreCutOffWhereTopicsAreTooMany) {
  OddClient hostile(zmq::socket_type::xsub, address(), [](zmq::socket_t& socket) {
    socket.set(zmq::sockopt::sndhwm, 0);
    socket.set(zmq::sockopt::reconnect_ivl, -1);
  });
  for (int i = 0; i < 200'000; ++i) hostile.send({"\1topic " + std::to_string(i)});
  EXPECT_TRUE(hostile.wait_for_disconnect());
  expect_that_another_is_served();
}

}  // namespace
}  // namespace curlew
