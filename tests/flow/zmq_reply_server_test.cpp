#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "curlew/base/bounded_queue.hpp"
#include "curlew/zmq/reply_server.hpp"
#include "flow/zmq_fixture.hpp"

namespace curlew {
namespace {

using namespace testing_zmq;

TEST(ReplyServer, AnswersFourClientsAtOnce) {
  TemporaryFolder folder;
  ReplyServer::Options options = on_free_port();
  options.endpoints.push_back(folder.ipc("rep"));
  ReplyServer server(options, echo);
  server.start();
  ASSERT_EQ(server.addresses().size(), 2U);

  std::vector<std::jthread> clients;
  std::atomic<int> right = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      const Stopper stopper;
      RequestClient client(server.addresses()[i % 2], stopper);
      for (int n = 0; n < 200; ++n) {
        const Frames request{"client " + std::to_string(i), std::string(16, '\0'), "request " + std::to_string(n)};
        const auto reply = client.ask(request, kPatience);
        if (reply && *reply == request) ++right;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(right, 800);
}

TEST(ReplyServer, TakesNoRequestBeforeItStarts) {
  HeldRequests held;
  ReplyServer server(on_free_port(), held.handler());
  OddClient client(zmq::socket_type::req, server.addresses().front());
  client.send({"early"});
  server.start();
  ASSERT_TRUE(held.wait_for(1));
  held.answer(0, {"reply"});
  EXPECT_EQ(client.receive(), Frames{"reply"});
}

TEST(ReplyServer, AnswersAPipelinedClientInItsOrderFromManyThreads) {
  struct Job {
    Frames request;
    ReplyServer::Answer answer;
  };
  BoundedQueue<Job> jobs(1000);
  std::atomic<int> in_work = 0;
  std::atomic<int> most = 0;
  ReplyServer server(on_free_port(), [&](Frames request, ReplyServer::Answer answer) {
    most = std::max(most.load(), ++in_work);
    jobs.push({std::move(request), std::move(answer)});
  });
  server.start();
  std::vector<std::jthread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      while (auto job = jobs.pop()) {
        --in_work;
        job->answer(job->request);
      }
    });
  }
  OddClient client(zmq::socket_type::dealer, server.addresses().front());
  for (int i = 0; i < 300; ++i) client.send({"", std::to_string(i)});
  int in_order = 0;
  while (in_order < 300 && client.receive() == Frames{"", std::to_string(in_order)}) ++in_order;
  jobs.close();
  EXPECT_EQ(in_order, 300);
  EXPECT_EQ(most, 1);
}

TEST(ReplyServer, LetsNobodyWaitForTheSlowRequestOfAnother) {
  HeldRequests held;
  const auto hold = held.handler();
  ReplyServer server(on_free_port(), [&](const Frames& request, const ReplyServer::Answer& answer) {
    request.front() == "slow" ? hold(request, answer) : echo(request, answer);
  });
  server.start();
  OddClient slow(zmq::socket_type::dealer, server.addresses().front());
  slow.send({"", "slow"});
  slow.send({"", "next"});
  ASSERT_TRUE(held.wait_for(1));
  EXPECT_TRUE(is_well(server.addresses().front()));
  held.answer(0, {"done"});
  EXPECT_EQ(slow.receive(), (Frames{"", "done"}));
  EXPECT_EQ(slow.receive(), (Frames{"", "next"}));
}

TEST(ReplyServer, AnswersBurstsOfOneClient) {
  ReplyServer server(on_free_port(), echo);
  server.start();
  OddClient client(zmq::socket_type::dealer, server.addresses().front());
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 500; ++i) client.send({"", std::to_string(i)});
    for (int i = 0; i < 500; ++i) ASSERT_EQ(client.receive(), (Frames{"", std::to_string(i)}));
  }
}

TEST(ReplyServer, SendsAReplyBackOverAllHops) {
  ReplyServer server(on_free_port(), echo);
  server.start();
  OddClient proxy(zmq::socket_type::dealer, server.addresses().front());
  proxy.send({"hop 1", "hop 2", "", "command", "", "data"});
  EXPECT_EQ(proxy.receive(), (Frames{"hop 1", "hop 2", "", "command", "", "data"}));
}

TEST(ReplyServer, TakesNothingMoreWhileTooMuchWaits) {
  HeldRequests held;
  ReplyServer::Options options = on_free_port();
  options.waiting_bytes = kMiB;
  ReplyServer server(options, held.handler());
  server.start();
  OddClient client(zmq::socket_type::dealer, server.addresses().front(), [](zmq::socket_t& socket) {
    socket.set(zmq::sockopt::sndhwm, 1);
    socket.set(zmq::sockopt::sndtimeo, 300);
    socket.set(zmq::sockopt::sndbuf, 64 * 1024);
  });
  // Until nobody takes any more: the server, ZeroMQ on both sides and the kernel hold some.
  const std::string body(kMiB, 'x');
  int sent = 0;
  while (sent < 200 && client.socket().send(zmq::str_buffer(""), zmq::send_flags::sndmore) &&
         client.socket().send(zmq::const_buffer(body.data(), body.size()), zmq::send_flags::none))
    ++sent;
  EXPECT_LT(sent, 50);
  client.socket().set(zmq::sockopt::sndtimeo, 20'000);
  for (int i = 0; i < sent; ++i) {
    ASSERT_TRUE(held.wait_for(static_cast<std::size_t>(i) + 1));
    held.answer(static_cast<std::size_t>(i), {std::to_string(i)});
    ASSERT_EQ(client.receive(), (Frames{"", std::to_string(i)}));
  }
}

TEST(ReplyServer, CountsTheFirstReplyOnly) {
  ReplyServer server(on_free_port(), [](const Frames& request, const ReplyServer::Answer& answer) {
    answer({"first of " + request.front()});
    answer({"second of " + request.front()});
  });
  server.start();
  OddClient client(zmq::socket_type::dealer, server.addresses().front());
  for (const char* name : {"a", "b"}) client.send({"", name});
  EXPECT_EQ(client.receive(), (Frames{"", "first of a"}));
  EXPECT_EQ(client.receive(), (Frames{"", "first of b"}));
}

TEST(ReplyServer, GoesOnToTheNextRequestWhereAnAnswerGoesWithoutACall) {
  HeldRequests held;
  ReplyServer server(on_free_port(), held.handler());
  server.start();
  OddClient client(zmq::socket_type::dealer, server.addresses().front());
  client.send({"", "a"});
  client.send({"", "b"});
  ASSERT_TRUE(held.wait_for(1));
  held.forget(0);
  ASSERT_TRUE(held.wait_for(2));
  held.answer(1, {"reply to b"});
  EXPECT_EQ(client.receive(), (Frames{"", "reply to b"}));
}

TEST(ReplyServer, OutlivesAHandlerThatThrows) {
  ReplyServer server(on_free_port(), [](const Frames& request, const ReplyServer::Answer& answer) {
    if (request.front() == "bad") throw std::runtime_error("a bug");
    answer(request);
  });
  server.start();
  OddClient client(zmq::socket_type::dealer, server.addresses().front());
  client.send({"", "bad"});
  client.send({"", "good"});
  EXPECT_EQ(client.receive(), (Frames{"", "good"}));
}

TEST(ReplyServer, SendsWhatWasAnsweredBeforeItEnds) {
  HeldRequests held;
  auto server = std::make_unique<ReplyServer>(on_free_port(), held.handler());
  server->start();
  OddClient client(zmq::socket_type::req, server->addresses().front());
  client.send({"request"});
  ASSERT_TRUE(held.wait_for(1));
  held.answer(0, {"reply"});
  server.reset();
  EXPECT_EQ(client.receive(), Frames{"reply"});
}

TEST(ReplyServer, MayBeGoneWhenAnAnswerComes) {
  HeldRequests held;
  auto server = std::make_unique<ReplyServer>(on_free_port(), held.handler());
  server->start();
  OddClient client(zmq::socket_type::dealer, server->addresses().front());
  client.send({"", "request"});
  client.send({"", "another"});
  ASSERT_TRUE(held.wait_for(1));
  server.reset();
  held.answer(0, {"too late"});
}

TEST(ReplyServer, EndsWhileManyAnswer) {
  HeldRequests held;
  auto server = std::make_unique<ReplyServer>(on_free_port(), held.handler());
  server->start();
  std::vector<std::unique_ptr<OddClient>> clients;
  for (std::size_t i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<OddClient>(zmq::socket_type::req, server->addresses().front()));
    clients.back()->send({"request"});
  }
  ASSERT_TRUE(held.wait_for(8));
  std::vector<std::jthread> workers;
  workers.reserve(8);
  for (std::size_t i = 0; i < 8; ++i) workers.emplace_back([&, i] { held.answer(i, {"reply"}); });
  server.reset();
}

}  // namespace
}  // namespace curlew
