#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "curlew/zmq/publisher.hpp"
#include "flow/zmq_fixture.hpp"

namespace curlew {
namespace {

using namespace testing_zmq;

Publisher::Options publishing() {
  Publisher::Options options;
  options.endpoints = {"tcp://127.0.0.1:*"};
  return options;
}

/// What a publisher heard of its subscribers.
struct Heard {
  std::vector<std::string> subscribed;
  std::vector<std::string> unsubscribed;
};

Publisher::Events hearing(Watched<Heard>& heard) {
  return {.subscribed =
              [&](std::string_view topic, const Publisher::Send&) {
                heard.change([&](Heard& all) { all.subscribed.emplace_back(topic); });
              },
          .unsubscribed =
              [&](std::string_view topic) { heard.change([&](Heard& all) { all.unsubscribed.emplace_back(topic); }); }};
}

bool wait_for_subscriptions(Watched<Heard>& heard, std::size_t count) {
  return heard.wait([&](const Heard& all) { return all.subscribed.size() >= count; });
}

TEST(Publisher, SendsToWhoSubscribedToTheBeginningOfATopic) {
  TemporaryFolder folder;
  Watched<Heard> heard;
  Publisher::Options options = publishing();
  options.endpoints.push_back(folder.ipc("pub"));
  Publisher publisher(options, hearing(heard));
  publisher.start();
  OddClient all(zmq::socket_type::sub, publisher.addresses()[0]);
  all.socket().set(zmq::sockopt::subscribe, "");
  OddClient some(zmq::socket_type::sub, publisher.addresses()[1]);
  some.socket().set(zmq::sockopt::subscribe, "res");
  ASSERT_TRUE(wait_for_subscriptions(heard, 2));
  publisher.publish({"HEARTBEAT", "1"});
  publisher.publish({"results", "2", std::string("\0\xff", 2)});
  EXPECT_EQ(all.receive(), (Frames{"HEARTBEAT", "1"}));
  EXPECT_EQ(all.receive(), (Frames{"results", "2", std::string("\0\xff", 2)}));
  EXPECT_EQ(some.receive(), (Frames{"results", "2", std::string("\0\xff", 2)}));
}

TEST(Publisher, HearsOfEverySubscriptionAndWhenNobodyHasOneAnyMore) {
  Watched<Heard> heard;
  Publisher publisher(publishing(), hearing(heard));
  publisher.start();
  OddClient first(zmq::socket_type::sub, publisher.addresses().front());
  first.socket().set(zmq::sockopt::subscribe, "results");
  ASSERT_TRUE(wait_for_subscriptions(heard, 1));
  {
    OddClient second(zmq::socket_type::sub, publisher.addresses().front());
    second.socket().set(zmq::sockopt::subscribe, "results");
    ASSERT_TRUE(wait_for_subscriptions(heard, 2));
  }
  first.socket().set(zmq::sockopt::subscribe, "end");
  ASSERT_TRUE(wait_for_subscriptions(heard, 3));
  EXPECT_EQ(heard.get().unsubscribed, std::vector<std::string>()) << "the first has it still";
  first.socket().set(zmq::sockopt::unsubscribe, "results");
  ASSERT_TRUE(heard.wait([](const Heard& all) { return all.unsubscribed.size() == 1; }));
  EXPECT_EQ(heard.get().subscribed, (std::vector<std::string>{"results", "results", "end"}));
  EXPECT_EQ(heard.get().unsubscribed, std::vector<std::string>{"results"});
}

TEST(Publisher, WelcomesAtOnceWhoSubscribes) {
  Publisher publisher(publishing(), {.subscribed = [](std::string_view topic, const Publisher::Send& send) {
                        if (topic.starts_with("welcome/")) send({std::string(topic), "id", "data"});
                      }});
  publisher.start();
  const Stopper stopper;
  Subscriber subscriber(publisher.addresses().front(), stopper);
  subscriber.subscribe("results");
  subscriber.subscribe("welcome/1");
  EXPECT_EQ(subscriber.receive(now() + kPatience), (Frames{"welcome/1", "id", "data"}));
  publisher.publish({"results", "id", "data"});
  EXPECT_EQ(subscriber.receive(now() + kPatience), (Frames{"results", "id", "data"}));
}

TEST(Publisher, KeepsTheOrderOfACaller) {
  Watched<Heard> heard;
  Publisher::Options options = publishing();
  options.handed_over = 10;
  Publisher publisher(options, hearing(heard));
  publisher.start();
  OddClient client(zmq::socket_type::sub, publisher.addresses().front());
  client.socket().set(zmq::sockopt::subscribe, "");
  ASSERT_TRUE(wait_for_subscriptions(heard, 1));
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 200; ++i) publisher.publish({std::to_string(caller), std::to_string(i)});
    });
  }
  std::vector<int> next(4, 0);
  for (int i = 0; i < 800; ++i) {
    const Frames message = client.receive();
    ASSERT_EQ(message.size(), 2U);
    EXPECT_EQ(std::stoi(message[1]), next.at(static_cast<std::size_t>(std::stoi(message[0])))++);
  }
}

TEST(Publisher, AsksWhatIsDueFirstThenInTimeThenWhenWoken) {
  Watched<std::vector<TimePoint>> calls;
  constexpr auto kPause = std::chrono::milliseconds(30);
  Publisher publisher(publishing(), {.due = [&](const Publisher::Send& send) {
                        send({"HEARTBEAT"});
                        std::size_t count = 0;
                        calls.change([&](auto& all) {
                          all.push_back(now());
                          count = all.size();
                        });
                        return count < 3 ? now() + kPause : TimePoint::max();
                      }});
  publisher.wake();  // before the start it is called once, as it would be anyway
  publisher.start();
  ASSERT_TRUE(calls.wait([](const auto& all) { return all.size() >= 3; }));
  const auto times = calls.get();
  EXPECT_GE(times[1] - times[0], kPause);
  EXPECT_GE(times[2] - times[1], kPause);
  publisher.wake();
  ASSERT_TRUE(calls.wait([](const auto& all) { return all.size() >= 4; }));
  EXPECT_EQ(calls.get().size(), 4U);
}

TEST(Publisher, LosesOnlyWhatASubscriberDoesNotRead) {
  constexpr int kMessages = 3000;
  Watched<Heard> heard;
  Publisher::Options options = publishing();
  options.high_water = 100;
  Publisher publisher(options, hearing(heard));
  publisher.start();
  OddClient stuck(zmq::socket_type::sub, publisher.addresses().front(), [](zmq::socket_t& socket) {
    socket.set(zmq::sockopt::rcvhwm, 1);
    socket.set(zmq::sockopt::rcvbuf, 4096);
  });
  stuck.socket().set(zmq::sockopt::subscribe, "");
  OddClient reader(zmq::socket_type::sub, publisher.addresses().front());
  reader.socket().set(zmq::sockopt::subscribe, "");
  ASSERT_TRUE(wait_for_subscriptions(heard, 2));
  const std::string body(10'000, 'x');
  for (int i = 0; i < kMessages; ++i) {
    publisher.publish({std::to_string(i), body});
    if (i % 50 < 49) continue;
    for (int j = i - 49; j <= i; ++j) ASSERT_EQ(reader.receive().at(0), std::to_string(j));
  }
  // Who was stuck finds what was kept for it, and then hears again what is new.
  publisher.publish({"last", ""});
  EXPECT_EQ(reader.receive().at(0), "last");
  stuck.socket().set(zmq::sockopt::rcvtimeo, 0);
  zmq::message_t frame;
  int kept = 0;
  std::string topic;
  const TimePoint end = now() + kPatience;
  while (topic != "new" && now() < end) {
    if (stuck.socket().recv(frame)) {
      topic = frame.to_string();
      ++kept;
      ASSERT_TRUE(stuck.socket().recv(frame));
    } else {
      publisher.publish({"new", ""});
      reader.receive();
    }
  }
  EXPECT_EQ(topic, "new");
  EXPECT_LT(kept, kMessages / 2);
}

TEST(Publisher, OutlivesASubscriberThatDies) {
  Watched<Heard> heard;
  Publisher publisher(publishing(), hearing(heard));
  publisher.start();
  OddClient reader(zmq::socket_type::sub, publisher.addresses().front());
  reader.socket().set(zmq::sockopt::subscribe, "");
  for (std::size_t i = 0; i < 20; ++i) {
    OddClient dying(zmq::socket_type::sub, publisher.addresses().front());
    dying.socket().set(zmq::sockopt::subscribe, "");
    ASSERT_TRUE(wait_for_subscriptions(heard, i + 2));
    publisher.publish({std::to_string(i), std::string(100'000, 'x')});
  }
  for (int i = 0; i < 20; ++i) ASSERT_EQ(reader.receive().at(0), std::to_string(i));
}

TEST(Publisher, SendsWhatWasHandedOverBeforeItEnds) {
  Watched<Heard> heard;
  auto publisher = std::make_unique<Publisher>(publishing(), hearing(heard));
  publisher->start();
  OddClient client(zmq::socket_type::sub, publisher->addresses().front());
  client.socket().set(zmq::sockopt::subscribe, "");
  ASSERT_TRUE(wait_for_subscriptions(heard, 1));
  for (int i = 0; i < 500; ++i) publisher->publish({std::to_string(i)});
  publisher.reset();
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.receive(), Frames{std::to_string(i)});
}

/// Whether the thread sleeps, as the kernel says.
bool is_asleep(pid_t thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(stat)), {});
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && text.compare(name_end, 4, ") S ") == 0;
}

TEST(Publisher, LetsCallersWaitWhileTooMuchIsHandedOver) {
  Publisher::Options options = publishing();
  options.handed_over = 2;
  Watched<Heard> heard;
  Publisher publisher(options, hearing(heard));
  std::atomic<int> handed_over = 0;
  std::jthread caller([&] {
    for (int i = 0; i < 100; ++i) {
      publisher.publish({"x"});
      ++handed_over;
    }
  });
  while (handed_over < 2) std::this_thread::yield();
  EXPECT_LE(handed_over, 2);  // nobody takes them yet
  publisher.start();
  caller.join();
  EXPECT_EQ(handed_over, 100);
}

TEST(Publisher, EndsWhileOthersPublish) {
  Publisher::Options options = publishing();
  options.handed_over = 1;
  auto publisher = std::make_unique<Publisher>(options, Publisher::Events{});
  publisher->publish({"full"});  // it never starts: whoever comes now waits
  std::vector<std::jthread> callers;
  Watched<std::vector<pid_t>> threads;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      Publisher& inside = *publisher;
      threads.change([](auto& all) { all.push_back(::gettid()); });
      inside.publish({"x"});
    });
  }
  ASSERT_TRUE(threads.wait([](const auto& all) { return all.size() == 4; }));
  for (const pid_t thread : threads.get()) {
    while (!is_asleep(thread)) std::this_thread::yield();
  }
  publisher.reset();
}

}  // namespace
}  // namespace curlew
