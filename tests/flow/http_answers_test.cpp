// What a well-behaved client gets.
#include <gmock/gmock.h>

#include "curlew/base/startup_error.hpp"
#include "flow/http_fixture.hpp"

namespace curlew::testing_http {
namespace {

using testing::HasSubstr;

TEST_P(HttpFlow, AnswersAndKeepsTheConnection) {
  start();
  RawClient one = client();
  for (int i = 0; i < 3; ++i) {
    const Answer answer = one.ask(request("GET /hello"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_FALSE(answer.headers.find("Connection"));
    EXPECT_EQ(answer.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
    EXPECT_THAT(std::string(answer.headers.get("Server-Timing")), HasSubstr("total;dur="));
    EXPECT_THAT(std::string(answer.headers.get("Date")), HasSubstr(" GMT"));
  }
}

TEST_P(HttpFlow, ClosesWhereTheClientWantsIt) {
  start();
  RawClient one = client();
  EXPECT_EQ(one.ask(request("GET /hello", "Connection: close\r\n")).headers.get("Connection"), "close");
  EXPECT_TRUE(one.ends());
}

TEST_P(HttpFlow, ClosesAfterHttp10UnlessAskedNotTo) {
  start();
  RawClient one = client();
  EXPECT_EQ(one.ask("GET /hello HTTP/1.0\r\n\r\n").body, "hello");
  EXPECT_TRUE(one.ends());
  RawClient two = client();
  EXPECT_EQ(two.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").headers.get("Connection"), "keep-alive");
  EXPECT_EQ(two.ask("GET /hello HTTP/1.0\r\n\r\n").body, "hello");
}

TEST_P(HttpFlow, AnswersHeadLikeGetWithoutABody) {
  start();
  RawClient one = client();
  one.send(request("HEAD /hello"));
  const Answer head = one.read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.get("Content-Length"), "5");
  one.send(request("HEAD /nothing"));
  EXPECT_EQ(one.read(true).status, 404);
  one.send(request("HEAD /stream"));
  EXPECT_EQ(one.read(true).status, 200);
  EXPECT_EQ(one.ask(request("GET /hello")).body, "hello");
}

TEST_P(HttpFlow, TellsWhichMethodsAPathHas) {
  start();
  const Answer options_answer = ask(request("OPTIONS /items/7"));
  EXPECT_EQ(options_answer.status, 204);
  EXPECT_EQ(options_answer.headers.get("Allow"), "GET, HEAD, DELETE, OPTIONS");
  EXPECT_FALSE(options_answer.headers.find("Content-Length"));
  EXPECT_EQ(ask(request("OPTIONS *")).headers.get("Allow"), "GET, HEAD, POST, DELETE, OPTIONS");
  const Answer wrong = ask(request("PUT /items/7"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.get("Allow"), "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(ask(request("TRACE /hello")).status, 405);
  EXPECT_EQ(ask(request("OPTIONS /nothing")).status, 404);
}

TEST_P(HttpFlow, GivesErrorsAsProblems) {
  start();
  const Answer answer = ask(request("GET /nothing?secret=1", "X-Request-Id: my.id-1\r\n"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.headers.get("X-Request-Id"), "my.id-1");
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"not_found")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("request_id":"my.id-1")"));
  EXPECT_THAT(ask(request("GET /v2/unknown")).body, testing::StartsWith(R"({"error":")"));
}

TEST_P(HttpFlow, MakesAnIdWhereTheClientSendsNoGoodOne) {
  start();
  const Answer answer = ask(request("GET /hello", "X-Request-Id: a b\r\n"));
  EXPECT_THAT(std::string(answer.headers.get("X-Request-Id")), testing::MatchesRegex("[0-9a-f]{16}-[0-9a-f]+"));
  EXPECT_EQ(watcher->wait_for_done(1).id, answer.headers.get("X-Request-Id"));
}

TEST_P(HttpFlow, DecodesPathAndQueryOnce) {
  start();
  EXPECT_EQ(ask(request("GET /items/a%2Fb%2525?x=1+2&y=%26&z")).body, "GET a/b%25 127.0.0.1 x=1 2 y=& z=");
  EXPECT_EQ(ask(request("GET /items/../hello")).status, 404);
  EXPECT_EQ(ask(request("GET /items/..%2fhello")).body, "GET ../hello 127.0.0.1");
  EXPECT_EQ(ask(request("GET /items/")).status, 404);
}

TEST_P(HttpFlow, ReadsBodiesInChunksOfAnySize) {
  start();
  RawClient one = client();
  one.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char* piece :
       {"1\r", "\n[\r\n", "0a;name=\"x\"\r\n1234", "567890\r\n000", "1\r\n]\r\n0\r\nTrailer: x\r\n\r", "\n"}) {
    one.send(piece);
  }
  EXPECT_EQ(one.read().body, "[1234567890]");
  EXPECT_EQ(one.ask(request("GET /hello")).body, "hello");
}

TEST_P(HttpFlow, SaysContinueToWhoWaitsForIt) {
  start();
  RawClient one = client();
  one.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(one.read_some(25), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(one.ask("{}").body, "{}");
}

TEST_P(HttpFlow, RefusesABodyBeforeItIsSent) {
  start();
  RawClient one = client();
  const Answer answer = one.ask(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.headers.get("Connection"), "close");
  EXPECT_TRUE(one.ends());
}

TEST_P(HttpFlow, ABodyThatSaysNothingIsBytes) {
  start();
  const auto bare = [](const std::string& body) {
    return "POST /bytes HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
  };
  const Answer answer = ask(bare("x"));
  EXPECT_EQ(answer.body, "x");
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/octet-stream");
  EXPECT_EQ(ask(bare("12345")).status, 413);
}

TEST_P(HttpFlow, TakesOnlyTheMediaTypesOfTheRoute) {
  start();
  EXPECT_EQ(ask(post("/echo", "application/json; charset=utf-8", "{}")).body, "{}");
  EXPECT_EQ(ask(post("/echo", "IMAGE/PNG", "x")).headers.get("Content-Type"), "image/png");
  EXPECT_EQ(ask(post("/echo", "text/plain", "x")).status, 415);
  EXPECT_EQ(ask(post("/echo", "json", "x")).status, 415);
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx").status, 415);
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Encoding: gzip\r\n"
                "Content-Length: 1\r\n\r\nx")
                .status,
            415);
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").status, 200);
}

TEST_P(HttpFlow, ReadsAndForgetsABodyThatNobodyWants) {
  start();
  RawClient one = client();
  EXPECT_EQ(one.ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12345").body, "hello");
  EXPECT_EQ(one.ask(request("GET /hello")).body, "hello");
  EXPECT_EQ(one.ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n").status, 413);
}

TEST_P(HttpFlow, AnswersAHundredPipelinedRequestsInOrder) {
  start();
  std::string packet;
  for (int i = 0; i < 100; ++i) packet += request("GET /items/" + std::to_string(i));
  RawClient one = client();
  one.send(packet);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(one.read().body, "GET " + std::to_string(i) + " 127.0.0.1");
  }
}

TEST_P(HttpFlow, AnswersWhatWasSentBeforeTheClientStoppedSending) {
  start();
  RawClient one = client();
  one.send(request("GET /hello") + request("GET /items/2"));
  one.send_no_more();
  EXPECT_EQ(one.read().body, "hello");
  EXPECT_EQ(one.read().body, "GET 2 127.0.0.1");
  EXPECT_TRUE(one.ends());
}

TEST_P(HttpFlow, StreamsInChunksOrToTheEndOfTheConnection) {
  start();
  RawClient one = client();
  const Answer chunked = one.ask(request("GET /stream"));
  EXPECT_EQ(chunked.headers.get("Transfer-Encoding"), "chunked");
  EXPECT_EQ(chunked.body, "one two three");
  EXPECT_EQ(one.ask(request("GET /hello")).body, "hello");
  const Answer old = ask("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_FALSE(old.headers.find("Transfer-Encoding"));
  EXPECT_EQ(old.body, "one two three");
}

TEST_P(HttpFlow, AnswersForHandlersThatDoNot) {
  start();
  RawClient one = client();
  EXPECT_EQ(one.ask(request("GET /silent")).status, 500);
  const Answer thrown = one.ask(request("GET /throws"));
  EXPECT_EQ(thrown.status, 500);
  EXPECT_THAT(thrown.body, testing::Not(HasSubstr("secret")));
  EXPECT_EQ(one.ask(request("GET /hello")).status, 200);
}

TEST_P(HttpFlow, ListensOnIpv6) {
  options.listen = "[::1]:0";
  try {
    start();
  } catch (const StartupError& error) {
    GTEST_SKIP() << error.what();
  }
  RawClient one = client("::1");
  EXPECT_EQ(one.ask("GET /items/1 HTTP/1.1\r\nHost: [::1]\r\n\r\n").body, "GET 1 ::1");
}

TEST_P(HttpFlow, WantsAKeyWhereTheRouteDoes) {
  options.api_keys = {"one-key", "another"};
  start();
  const Answer without = ask(request("GET /guarded"));
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(without.headers.get("WWW-Authenticate"), R"(Bearer realm="curlew")");
  EXPECT_EQ(ask(request("GET /guarded", "Authorization: Bearer wrong\r\n")).status, 401);
  EXPECT_EQ(ask(request("GET /guarded", "Authorization: Basic another\r\n")).status, 401);
  EXPECT_EQ(ask(request("GET /guarded", "authorization: bearer another\r\n")).status, 200);
  EXPECT_EQ(ask(request("GET /hello")).status, 200);
}

TEST_P(HttpFlow, LimitsTheRateOfEachClientButNotOfProbes) {
  options.client_requests_per_s = 0.01;
  options.trusted_proxies = {"127.0.0.0/8"};
  start();
  EXPECT_EQ(ask(request("GET /hello")).status, 200);
  const Answer refused = ask(request("GET /hello"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_GT(std::stoi(std::string(refused.headers.get("Retry-After"))), 90);
  EXPECT_EQ(ask(request("GET /hello", "X-Forwarded-For: 192.0.2.9\r\n")).status, 200);
  EXPECT_EQ(ask(request("GET /livez")).status, 200);
  EXPECT_EQ(watcher->wait_for_done(3).client, "192.0.2.9");
}

}  // namespace
}  // namespace curlew::testing_http
