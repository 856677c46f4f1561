#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "curlew/zmq/publisher.hpp"
#include "curlew/zmq/reply_server.hpp"
#include "flow/zmq_fixture.hpp"

namespace curlew {
namespace {

using namespace testing_zmq;

/// A server that echoes, and gets one odd thing after the other.
class HostileClientTest : public testing::Test {
 protected:
  void SetUp() override { server_.start(); }

  static ReplyServer::Options options() {
    ReplyServer::Options options = on_free_port();
    options.message_bytes = kMiB;
    return options;
  }
  std::string address() const { return server_.addresses().front(); }

  ReplyServer server_{options(), echo};
};

TEST_F(HostileClientTest, SendsMessagesThatAreNoRequests) {
  const std::vector<Frames> messages{
      {"one frame"},
      {"two", "frames"},
      {"three", "frames", "without an empty one"},
      {""},
      {"", ""},
      {"", "", "", ""},
      {"hop", ""},
      Frames(10'000, "x"),
      Frames(10'000, ""),
  };
  OddClient client(zmq::socket_type::dealer, address());
  for (const Frames& message : messages) {
    client.send(message);
    EXPECT_TRUE(is_well(address())) << message.size() << " frames";
  }
  // It may still behave.
  client.send({"well", "", "behaved"});
  Frames reply;
  do {
    reply = client.receive();
  } while (!reply.empty() && reply.back() != "behaved");
  EXPECT_EQ(reply, (Frames{"well", "", "behaved"}));
}

TEST_F(HostileClientTest, SendsAFrameThatIsTooLarge) {
  OddClient client(zmq::socket_type::req, address());
  client.send({std::string(kMiB + 1, 'x')});
  EXPECT_TRUE(client.wait_for_disconnect());
  EXPECT_TRUE(is_well(address()));
}

TEST_F(HostileClientTest, SendsFramesThatAreTooLargeTogether) {
  OddClient client(zmq::socket_type::dealer, address());
  client.send({"", std::string(kMiB, 'x'), std::string(kMiB, 'x')});
  client.send({"", std::string(kMiB, 'y')});
  EXPECT_EQ(client.receive(), (Frames{"", std::string(kMiB, 'y')}));
}

TEST_F(HostileClientTest, SpeaksSomethingElse) {
  std::mt19937 random(7);
  std::string junk(64 * 1024, '\0');
  for (char& byte : junk) byte = static_cast<char>(random());
  const RawClient binary(address());
  binary.send(junk);
  const RawClient http(address());
  http.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(is_well(address()));
}

TEST_F(HostileClientTest, StopsInTheMiddleOfTheGreeting) {
  const std::string greeting = std::string("\xff\0\0\0\0\0\0\0\1\x7f\3\1NULL", 16) + std::string(48, '\0');
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t bytes : {0, 1, 9, 10, 11, 12, 40, 63, 64}) {
    clients.push_back(std::make_unique<RawClient>(address()));
    clients.back()->send(greeting.substr(0, bytes));
  }
  EXPECT_TRUE(is_well(address()));
  clients.clear();
  EXPECT_TRUE(is_well(address()));
}

TEST_F(HostileClientTest, SaysOddThingsAfterTheGreeting) {
  const std::string greeting = std::string("\xff\0\0\0\0\0\0\0\1\x7f\3\1NULL", 16) + std::string(48, '\0');
  const std::string ready = std::string("\4\x19\5READY\13Socket-Type\0\0\0\3REQ", 27);
  const std::vector<std::string> endings{
      std::string("\2\xff\xff\xff\xff\xff\xff\xff\xff", 9),  // a frame of 2^64-1 bytes
      std::string("\3\x7f\xff\xff\xff\xff\xff\xff\xff", 9),  // a first frame of 2^63-1 bytes
      std::string("\0\0", 2),                                // a message of one empty frame
      std::string("\1\0\1\0\1\0", 6),                        // a message without end
      std::string("\4\0", 2),                                // an empty command
      std::string("\4\7\4PING", 7),                          // a command that is cut
      std::string("\x7f\1x", 3),                             // flags that there are not
  };
  const RawClient well(address());  // these beginnings are right
  well.send(greeting + ready);
  ASSERT_TRUE(well.wait_for("Identity"));  // the end of the server's own
  well.send(std::string("\1\0\0\5hello", 9));
  EXPECT_TRUE(well.wait_for(std::string("\1\0\0\5hello", 9)));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (const std::string& ending : endings) {
    clients.push_back(std::make_unique<RawClient>(address()));
    clients.back()->send(greeting + ready);
    ASSERT_TRUE(clients.back()->wait_for("Identity"));
    clients.back()->send(ending);
    EXPECT_TRUE(is_well(address()));
  }
}

TEST_F(HostileClientTest, NeverReadsItsReplies) {
  OddClient client(zmq::socket_type::dealer, address(), [](zmq::socket_t& socket) {
    socket.set(zmq::sockopt::rcvhwm, 1);
    socket.set(zmq::sockopt::rcvbuf, 4096);
  });
  for (int i = 0; i < 3000; ++i) client.send({"", std::string(10'000, 'x')});
  EXPECT_TRUE(is_well(address()));
  // The server answers this client too, as far as it lets it.
  EXPECT_EQ(client.receive().size(), 2U);
}

TEST_F(HostileClientTest, GoesAwayWithoutItsReply) {
  for (int i = 0; i < 50; ++i) {
    OddClient client(zmq::socket_type::req, address(), [](zmq::socket_t& socket) {
      socket.set(zmq::sockopt::linger, 1000);  // until the request is out
    });
    client.send({"request"});
  }
  EXPECT_TRUE(is_well(address()));
}

TEST_F(HostileClientTest, TakesANameThatAnotherHas) {
  const auto name = [](zmq::socket_t& socket) { socket.set(zmq::sockopt::routing_id, "the same"); };
  OddClient first(zmq::socket_type::dealer, address(), name);
  first.send({"", "first"});
  EXPECT_EQ(first.receive(), (Frames{"", "first"}));
  OddClient second(zmq::socket_type::dealer, address(), name);
  second.send({"", "second"});
  EXPECT_EQ(second.receive(), (Frames{"", "second"}));
  EXPECT_TRUE(is_well(address()));
}

TEST(HostileSubscriber, SendsWhatIsNoSubscription) {
  Watched<int> events;
  Publisher::Options options;
  options.endpoints = {"tcp://127.0.0.1:*"};
  Publisher publisher(options, {.subscribed = [&](std::string_view, const Publisher::Send&) {
                        events.change([](int& count) { ++count; });
                      }});
  publisher.start();
  OddClient hostile(zmq::socket_type::xsub, publisher.addresses().front());
  for (const Frames& message : {Frames{"junk"}, Frames{""}, Frames{"a", "b", "c"}, Frames(10'000, "x"),
                                Frames{"junk", std::string("\1middle"), "more junk"}, Frames{std::string("\2x")}})
    hostile.send(message);
  hostile.send({std::string("\1results")});
  ASSERT_TRUE(events.wait([](int count) { return count == 2; }));  // "middle" counts for ZeroMQ too
  publisher.publish({"results", "id", "data"});
  EXPECT_EQ(hostile.receive(), (Frames{"results", "id", "data"}));
}

TEST(HostileSubscriber, SubscribesToTopicsThatAreTooLong) {
  Watched<std::vector<std::string>> topics;
  Publisher::Options options;
  options.endpoints = {"tcp://127.0.0.1:*"};
  Publisher publisher(options, {.subscribed = [&](std::string_view topic, const Publisher::Send&) {
                        topics.change([&](auto& all) { all.emplace_back(topic); });
                      }});
  publisher.start();
  OddClient hostile(zmq::socket_type::xsub, publisher.addresses().front(),
                    [](zmq::socket_t& socket) { socket.set(zmq::sockopt::reconnect_ivl, -1); });
  hostile.send({std::string("\1") + std::string(100'000, 't')});
  EXPECT_TRUE(hostile.wait_for_disconnect());
  OddClient other(zmq::socket_type::sub, publisher.addresses().front());
  other.socket().set(zmq::sockopt::subscribe, "results");
  ASSERT_TRUE(topics.wait([](const auto& all) { return !all.empty(); }));
  EXPECT_EQ(topics.get(), std::vector<std::string>{"results"});
  publisher.publish({"results", "id", "data"});
  EXPECT_EQ(other.receive(), (Frames{"results", "id", "data"}));
}

TEST(HostileSubscriber, SubscribesToVeryMuch) {
  Watched<int> topics;
  Publisher::Options options;
  options.endpoints = {"tcp://127.0.0.1:*"};
  Publisher publisher(options, {.subscribed = [&](std::string_view, const Publisher::Send&) {
                        topics.change([](int& count) { ++count; });
                      }});
  publisher.start();
  {
    OddClient hostile(zmq::socket_type::xsub, publisher.addresses().front(),
                      [](zmq::socket_t& socket) { socket.set(zmq::sockopt::sndhwm, 0); });
    for (int i = 0; i < 20'000; ++i) hostile.send({"\1" + std::to_string(i)});
    ASSERT_TRUE(topics.wait([](int count) { return count == 20'000; }));
  }
  OddClient other(zmq::socket_type::sub, publisher.addresses().front());
  other.socket().set(zmq::sockopt::subscribe, "results");
  ASSERT_TRUE(topics.wait([](int count) { return count == 20'001; }));
  publisher.publish({"results", "id", "data"});
  EXPECT_EQ(other.receive(), (Frames{"results", "id", "data"}));
}

}  // namespace
}  // namespace curlew
