// Time limits, slow clients, many connections, streams that nobody reads, and the end of the server.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <list>
#include <thread>
#include <vector>

#include "curlew/base/startup_error.hpp"
#include "curlew/http/open_files.hpp"
#include "flow/http_fixture.hpp"

namespace curlew::testing_http {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kPieceBytes = std::size_t{64} * 1024;
constexpr std::size_t kMostBytes = 512 * kPieceBytes;
constexpr std::size_t kDripping = 5;
using testing::HasSubstr;

std::vector<std::unique_ptr<RawClient>> connect(const std::function<RawClient()>& client, std::size_t count,
                                                std::string_view first_bytes) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(client()));
    clients.back()->send(first_bytes);
  }
  return clients;
}

TEST_P(HttpFlow, ServesOthersWhileTwoHundredClientsDrip) {
  options.limits.head_time = milliseconds(700);
  options.limits.linger_time = std::chrono::seconds(20);  // else what drips on would take their answers from the first
  start();
  const auto slow = connect([this] { return client(); }, 200, "GET /hello HTTP/1.1\r\nHost: local");
  RawClient other = client();
  const TimePoint begin = now();
  std::size_t served = 0;
  while (now() - begin < milliseconds(300)) {
    for (std::size_t i = 0; i < kDripping; ++i) slow[(served * kDripping + i) % slow.size()]->send("x");
    const TimePoint asked = now();
    EXPECT_EQ(other.ask(request("GET /hello")).body, "hello");
    EXPECT_LT(now() - asked, milliseconds(2000));
    ++served;
  }
  EXPECT_GT(served, 5U);
  for (const auto& one : slow) {
    EXPECT_EQ(one->read().status, 408);
    EXPECT_TRUE(one->ends());
  }
  EXPECT_LT(now() - begin, milliseconds(15'000));
  EXPECT_EQ(client().ask(request("GET /hello")).body, "hello");
}

TEST_P(HttpFlow, EndsBodiesThatComeTooSlowly) {
  options.limits.body_window = milliseconds(150);
  start();
  RawClient slow = client();
  const Answer answer = slow.ask(post("/echo", "image/png", std::string(900'000, 'x')).substr(0, 200));
  EXPECT_EQ(answer.status, 408);
  EXPECT_TRUE(slow.ends());
}

TEST_P(HttpFlow, ClosesIdleConnectionsWithoutAWord) {
  options.limits.idle_time = milliseconds(300);
  options.limits.head_time = milliseconds(300);
  start();
  RawClient kept = client();
  EXPECT_EQ(kept.ask(request("GET /hello")).status, 200);
  EXPECT_TRUE(kept.ends());
  EXPECT_TRUE(client().ends());
}

TEST_P(HttpFlow, EachWaitHasADeadlineOfItsOwnWhateverTheOneBeforeHad) {
  options.limits.head_time = milliseconds(200);
  options.limits.idle_time = milliseconds(900);
  start();
  RawClient kept = client();
  const TimePoint before_idle = now();
  EXPECT_EQ(kept.ask(request("GET /hello")).status, 200);
  EXPECT_TRUE(kept.ends());
  EXPECT_GE(now() - before_idle, milliseconds(900)) << "a later deadline";
}

TEST_P(HttpFlow, AnEarlierDeadlineThanThatOfTheWaitBeforeIsKept) {
  options.limits.head_time = std::chrono::seconds(25);
  options.limits.body_window = milliseconds(150);
  start();
  RawClient slow = client();
  slow.send("POST /ec");  // so that the head is waited for
  const TimePoint begin = now();
  EXPECT_EQ(
      slow.ask("ho HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 9000\r\n\r\nx").status,
      408);
  EXPECT_LT(now() - begin, std::chrono::seconds(12));
}

TEST_P(HttpFlow, HoldsTwoThousandIdleConnections) {
  const std::size_t count = wire == Wire::kTls ? 500 : 2000;  // handshakes take time
  if (raise_open_files(3 * count) < 2 * count + 100) GTEST_SKIP() << "the limit of open files is too low";
  start();
  const auto idle = connect([this] { return client(); }, count, "");
  ASSERT_TRUE(watcher->wait_for_open(static_cast<int>(count)));
  RawClient other = client();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(other.ask(request("GET /hello")).body, "hello");
  EXPECT_EQ(idle.front()->ask(request("GET /hello")).body, "hello");
  EXPECT_EQ(idle.back()->ask(request("GET /hello")).body, "hello");
}

TEST_P(HttpFlow, ClosesTheLongestIdleConnectionForANewOne) {
  options.limits.connections = 3;
  start();
  std::list<RawClient> clients;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(clients.emplace_back(client()).ask(request("GET /hello")).status, 200);
  EXPECT_EQ(clients.front().ask(request("GET /hello")).status, 200);  // so that the second is idle for longest
  RawClient fourth = client();
  EXPECT_EQ(fourth.ask(request("GET /hello")).status, 200);
  EXPECT_TRUE(std::next(clients.begin())->ends());
  EXPECT_EQ(clients.front().ask(request("GET /hello")).status, 200);
  EXPECT_EQ(clients.back().ask(request("GET /hello")).status, 200);
}

TEST_P(HttpFlow, AnswersFullWhereEveryConnectionIsBusy) {
  options.limits.connections = 2;
  start();
  RawClient one = client();
  RawClient two = client();
  one.send(request("GET /held"));
  two.send(request("GET /held"));
  auto first = held.take();
  auto second = held.take();
  RawClient third = client();
  const Answer answer = third.ask(request("GET /hello"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.get("Retry-After"), "1");
  EXPECT_TRUE(third.ends());
  EXPECT_EQ(watcher->refused(), 1);
  first->send(200, {}, "done");
  second->send(200, {}, "done");
  EXPECT_EQ(one.read().body, "done");
  EXPECT_EQ(client().ask(request("GET /hello")).status, 200);
}

TEST_P(HttpFlow, GivesNobodyThePlaceOfARefusedClient) {
  options.limits.connections = 1;
  start();
  RawClient one = client();
  one.send(request("GET /held"));
  auto busy = held.take();
  RawClient refused = client();
  EXPECT_EQ(refused.ask(request("GET /hello")).status, 503);  // and may still be there for a moment
  EXPECT_EQ(ask(request("GET /hello")).status, 503);
}

TEST_P(HttpFlow, TellsWhoAnswersThatTheClientHasGone) {
  start();
  Signal gone;
  Signal never;
  {
    RawClient leaving = client();
    leaving.send(request("GET /held"));
    auto reply = held.take();
    reply->on_gone(gone.raiser());
    leaving = client();
    EXPECT_TRUE(gone.wait());
    reply->send(200, {}, "too late");
  }
  RawClient staying = client();
  staying.send(request("GET /held"));
  auto reply = held.take();
  reply->on_gone(never.raiser());
  reply->send(200, {}, "hello");
  EXPECT_EQ(staying.read().body, "hello");
  EXPECT_EQ(watcher->wait_for_done(2).status, 200);
  EXPECT_EQ(never.times(), 0);
  EXPECT_EQ(gone.times(), 1);
}

TEST_P(HttpFlow, SendsAPieceOfAStreamAtOnce) {
  start();
  RawClient one = client();
  one.send(request("GET /held"));
  auto reply = held.take();
  reply->begin_stream(200, {{"Content-Type", "text/event-stream"}});
  EXPECT_EQ(reply->write("data: 1\n\n"), StreamRoom::kRoom);
  std::string all;
  while (all.find("data: 1") == std::string::npos) all += one.read_some(1);
  reply->write("data: 2\n\n");
  while (all.find("data: 2") == std::string::npos) all += one.read_some(1);
  reply->end();
  while (!all.ends_with("\r\n0\r\n\r\n")) all += one.read_some(1);
  EXPECT_EQ(one.ask(request("GET /hello")).body, "hello");
}

TEST_P(HttpFlow, TellsAWriterWhenThereIsRoomAgain) {
  start();
  RawClient slow = client();
  slow.send(request("GET /held"));
  auto reply = held.take();
  Signal room;
  reply->on_room(room.raiser());
  reply->begin_stream(200, {});
  const std::string piece(kPieceBytes, 'x');
  std::size_t bytes = piece.size();
  while (reply->write(piece) == StreamRoom::kRoom) bytes += piece.size();
  Answer answer;
  std::jthread reader([&] { answer = slow.read(); });
  EXPECT_TRUE(room.wait());
  EXPECT_EQ(reply->write("last"), StreamRoom::kRoom);
  reply->end();
  reader.join();
  EXPECT_EQ(answer.body.size(), bytes + 4);
}

TEST_P(HttpFlow, CutsAStreamThatNobodyReadsAtItsLimit) {
  start();
  RawClient deaf = client();
  deaf.set_receive_buffer(4096);
  deaf.send(request("GET /held"));
  auto reply = held.take();
  Signal gone;
  Signal room;
  reply->on_gone(gone.raiser());
  reply->on_room(room.raiser());
  reply->begin_stream(200, {});
  const std::string piece(kPieceBytes, 'x');
  std::size_t taken = 0;
  for (bool hopeful = true;;) {
    const int before = room.times();
    const StreamRoom said = reply->write(piece);
    if (said == StreamRoom::kGone) break;
    taken += piece.size();
    ASSERT_LT(taken, kMostBytes) << "memory grows without limit";
    // Until the kernel takes no more either; then against all advice.
    if (said == StreamRoom::kFull && hopeful) hopeful = room.wait_beyond(before, milliseconds(200));
  }
  EXPECT_GE(taken, options.limits.stream_limit_bytes);
  EXPECT_TRUE(gone.wait());
  EXPECT_EQ(reply->write("more"), StreamRoom::kGone);
  EXPECT_TRUE(deaf.is_reset());
  EXPECT_FALSE(watcher->wait_for_done(1).complete);
  EXPECT_EQ(client().ask(request("GET /hello")).body, "hello");
}

TEST_P(HttpFlow, CutsAClientThatTakesNothingOfItsAnswer) {
  options.limits.write_stall = milliseconds(150);
  start();
  RawClient deaf = client();
  deaf.set_receive_buffer(4096);
  deaf.send(request("GET /held"));
  held.take()->send(200, {}, std::string(kMostBytes, 'x'));
  EXPECT_FALSE(watcher->wait_for_done(1).complete);
  EXPECT_TRUE(watcher->wait_for_open(0));
}

TEST_P(HttpFlow, ShowsThatAStreamWasBrokenOff) {
  start();
  RawClient one = client();
  one.send(request("GET /held"));
  auto reply = held.take();
  reply->begin_stream(200, {});
  reply->write("half");
  reply.reset();
  const Answer answer = one.read();
  EXPECT_TRUE(answer.status == 0 || answer.body.ends_with("<broken off>")) << answer.body;
}

TEST_P(HttpFlow, DrainsWhatIsUnderWayAndThenStops) {
  start();
  RawClient idle = client();
  EXPECT_EQ(idle.ask(request("GET /hello")).status, 200);
  RawClient busy = client();
  busy.send(request("GET /held"));
  auto reply = held.take();
  server->begin_drain();
  EXPECT_TRUE(idle.ends());
  EXPECT_EQ(client().ask(request("GET /hello")).status, 0) << "a new connection is served while draining";
  reply->send(200, {}, "finished");
  const Answer answer = busy.read();
  EXPECT_EQ(answer.body, "finished");
  EXPECT_EQ(answer.headers.get("Connection"), "close");
  EXPECT_TRUE(busy.ends());
  server->stop(std::chrono::seconds(10));
  EXPECT_EQ(server->connections(), 0U);
}

TEST_P(HttpFlow, EndsStreamsAsIfTheyWereComplete) {
  start();
  RawClient one = client();
  one.send(request("GET /held"));
  auto reply = held.take();
  Signal gone;
  reply->on_gone(gone.raiser());
  reply->begin_stream(200, {});
  reply->write("so far");
  server->begin_drain();
  server->end_streams();
  EXPECT_EQ(one.read().body, "so far");
  EXPECT_TRUE(gone.wait());
  EXPECT_TRUE(one.ends());
}

TEST_P(HttpFlow, StopsWithinItsGraceWhateverHandlersDo) {
  start();
  RawClient one = client();
  one.send(request("GET /held"));
  auto reply = held.take();
  Signal gone;
  reply->on_gone(gone.raiser());
  const TimePoint begin = now();
  server->stop(milliseconds(50));
  EXPECT_LT(now() - begin, std::chrono::seconds(5));
  EXPECT_TRUE(gone.wait());
  EXPECT_TRUE(one.is_reset());
  server.reset();
  reply->send(200, {}, "nobody hears this");
  EXPECT_EQ(reply->write("or this"), StreamRoom::kGone);
}

TEST_P(HttpFlow, SaysWhyItCannotListen) {
  start();
  const auto failure_of = [](std::string listen) -> std::string {
    HttpOptions other;
    other.listen = std::move(listen);
    try {
      HttpServer(other, Router()).start();
    } catch (const StartupError& error) {
      return fmt::format("{}: {}", static_cast<int>(error.status()), error.what());
    }
    return "started";
  };
  EXPECT_THAT(failure_of(fmt::format("127.0.0.1:{}", server->port())), HasSubstr("is in use by another process"));
  EXPECT_THAT(failure_of("203.0.113.7:0"), testing::StartsWith("3: 203.0.113.7:0 is not an address of this machine"));
  EXPECT_THAT(failure_of("example.org:80"), testing::StartsWith("2: "));
}

TEST_P(HttpFlow, AnswersFromManyThreadsAtOnce) {
  start();
  constexpr int kClients = 8;
  constexpr int kRounds = 25;
  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    for (int i = 0; i < kClients * kRounds; ++i) {
      auto reply = held.take();
      if (i % 3 == 0) {
        reply->begin_stream(200, {});
        reply->write("do");
        reply->write("ne");
        reply->end();
      } else {
        reply->send(200, {}, "done");
      }
    }
  });
  for (int c = 0; c < kClients; ++c) {
    threads.emplace_back([&] {
      RawClient one = client();
      for (int i = 0; i < kRounds; ++i) EXPECT_EQ(one.ask(request("GET /held")).body, "done");
    });
  }
}

}  // namespace
}  // namespace curlew::testing_http
