#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "curlew/base/startup_error.hpp"
#include "curlew/zmq/client.hpp"
#include "curlew/zmq/publisher.hpp"
#include "curlew/zmq/reply_server.hpp"
#include "flow/zmq_fixture.hpp"

namespace curlew {
namespace {

using namespace testing_zmq;
using namespace std::chrono_literals;

TEST(RequestClient, BeginsAnewAfterATimeout) {
  TemporaryFolder folder;
  const Stopper stopper;
  RequestClient client(folder.ipc("rep"), stopper);
  EXPECT_EQ(client.ask({"lost"}, 20ms).error(), NoReply::kTimeout);  // nobody listens yet

  HeldRequests held;
  ReplyServer::Options options;
  options.endpoints = {folder.ipc("rep")};
  ReplyServer server(options, held.handler());
  server.start();
  EXPECT_EQ(client.ask({"slow"}, 300ms).error(), NoReply::kTimeout);  // nobody answers

  std::jthread answering([&] {
    std::size_t last = 0;
    while (held.wait_for(last + 1) && held.request(last) != Frames{"good"}) ++last;
    held.answer(0, {"late"});
    held.answer(last, {"reply"});
  });
  const auto reply = client.ask({"good"}, kPatience);
  ASSERT_TRUE(reply);
  EXPECT_EQ(*reply, Frames{"reply"});
  EXPECT_NE(held.request(0), Frames{"lost"});  // what was given up is not sent later
}

TEST(RequestClient, StopsWhereItWaits) {
  TemporaryFolder folder;
  Stopper stopper;
  RequestClient client(folder.ipc("rep"), stopper);
  EXPECT_FALSE(stopper.stopped());
  std::jthread stopping([&] { stopper.stop(); });
  EXPECT_EQ(client.ask({"request"}, 1h).error(), NoReply::kStopped);
  EXPECT_TRUE(stopper.stopped());
  EXPECT_EQ(client.ask({"request"}, 1h).error(), NoReply::kStopped);  // and stays so
}

TEST(RequestClient, FindsAServerThatStartsWhileItWaits) {
  TemporaryFolder folder;
  std::jthread asking([&] { EXPECT_TRUE(is_well(folder.ipc("rep"))); });
  ReplyServer::Options options;
  options.endpoints = {folder.ipc("rep")};
  ReplyServer server(options, echo);
  server.start();
  asking.join();
}

TEST(RequestClient, TakesNoAddressThatIsNone) {
  const Stopper stopper;
  for (const char* address : {"", "nonsense", "http://127.0.0.1:80", "tcp://127.0.0.1", "ipc://"}) {
    try {
      const RequestClient client(address, stopper);
      ADD_FAILURE() << "it took " << address;
    } catch (const StartupError& e) {
      EXPECT_EQ(e.status(), ExitStatus::kUsage);
    }
    EXPECT_THROW(Subscriber(address, stopper), StartupError);
  }
}

TEST(Subscriber, ReturnsAtItsDeadlineAndWhenStopped) {
  TemporaryFolder folder;
  Stopper stopper;
  Subscriber subscriber(folder.ipc("pub"), stopper);
  subscriber.subscribe("results");
  const TimePoint deadline = now() + 20ms;
  EXPECT_FALSE(subscriber.receive(deadline));
  EXPECT_GE(now(), deadline);
  std::jthread stopping([&] { stopper.stop(); });
  EXPECT_FALSE(subscriber.receive(TimePoint::max()));
}

TEST(Subscriber, ConnectsAgainWithItsSubscriptions) {
  TemporaryFolder folder;
  Publisher::Options options;
  options.endpoints = {folder.ipc("pub")};
  const Publisher::Events welcoming{.subscribed = [](std::string_view topic, const Publisher::Send& send) {
    send({std::string(topic), "welcome"});
  }};
  const Stopper stopper;
  Subscriber subscriber(folder.ipc("pub"), stopper);
  subscriber.subscribe("results");
  for (int life = 0; life < 3; ++life) {
    Publisher publisher(options, welcoming);
    publisher.start();
    EXPECT_EQ(subscriber.receive(now() + kPatience), (Frames{"results", "welcome"}));
  }
}

TEST(Subscriber, HearsNoMoreOfWhatItUnsubscribed) {
  Publisher::Options options;
  options.endpoints = {"tcp://127.0.0.1:*"};
  Watched<int> ends;
  Publisher publisher(options, {.unsubscribed = [&](std::string_view) { ends.change([](int& count) { ++count; }); }});
  publisher.start();
  const Stopper stopper;
  Subscriber subscriber(publisher.addresses().front(), stopper);
  subscriber.subscribe("a");
  subscriber.subscribe("b");
  subscriber.unsubscribe("a");
  ASSERT_TRUE(ends.wait([](int count) { return count == 1; }));
  publisher.publish({"a"});
  publisher.publish({"b"});
  EXPECT_EQ(subscriber.receive(now() + kPatience), Frames{"b"});
}

}  // namespace
}  // namespace curlew
