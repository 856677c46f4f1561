// What no honest client sends: each gets its status and is closed, and others notice nothing.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <random>
#include <vector>

#include "flow/http_fixture.hpp"

namespace curlew::testing_http {
namespace {

struct Shape {
  const char* what;
  std::string bytes;
  int status;
};

std::string echo_head(std::string_view framing) {
  return fmt::format("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{}\r\n", framing);
}

std::string chunked(std::string_view body) { return echo_head("Transfer-Encoding: chunked\r\n") + std::string(body); }

std::vector<Shape> smuggling_shapes() {
  return {
      {"length and chunks", echo_head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
      {"chunks and length", echo_head("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n", 400},
      {"two lengths", echo_head("Content-Length: 2\r\nContent-Length: 3\r\n") + "{} ", 400},
      {"one length twice", echo_head("Content-Length: 2\r\nContent-Length: 2\r\n") + "{}", 400},
      {"a list of lengths", echo_head("Content-Length: 2, 2\r\n") + "{}", 400},
      {"a signed length", echo_head("Content-Length: +2\r\n") + "{}", 400},
      {"a negative length", echo_head("Content-Length: -2\r\n") + "{}", 400},
      {"a length in hex", echo_head("Content-Length: 0x2\r\n") + "{}", 400},
      {"an empty length", echo_head("Content-Length: \r\n"), 400},
      {"a length beyond 64 bits", echo_head("Content-Length: 18446744073709551618\r\n"), 400},
      {"xchunked", echo_head("Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n", 400},
      {"chunked, identity", echo_head("Transfer-Encoding: chunked, identity\r\n") + "0\r\n\r\n", 400},
      {"chunked twice", echo_head("Transfer-Encoding: chunked, chunked\r\n") + "0\r\n\r\n", 400},
      {"two codings in two lines", echo_head("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
      {"a coding in quotes", echo_head("Transfer-Encoding: \"chunked\"\r\n") + "0\r\n\r\n", 400},
      {"an empty coding", echo_head("Transfer-Encoding: \r\n"), 400},
      {"gzip, chunked", echo_head("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 501},
      {"chunks in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a folded line", echo_head("X: a\r\n b\r\n"), 400},
      {"a folded coding", echo_head("Transfer-Encoding:\r\n chunked\r\n"), 400},
      {"a first line that is folded", "GET /hello HTTP/1.1\r\n Host: localhost\r\n\r\n", 400},
      {"a space before the colon", echo_head("Content-Length : 2\r\n") + "{}", 400},
      {"a tab before the colon", echo_head("Transfer-Encoding\t: chunked\r\n"), 400},
      {"a field without a name", request("GET /hello", ": x\r\n"), 400},
      {"a field without a colon", request("GET /hello", "Content-Length 5\r\n"), 400},
      {"line feeds alone", "GET /hello HTTP/1.1\nHost: localhost\n\n", 400},
      {"a line feed alone in a value", request("GET /hello", "X: a\nTransfer-Encoding: chunked\r\n"), 400},
      {"a carriage return alone", request("GET /hello", "X: a\rb\r\n"), 400},
      {"a NUL in a value", request("GET /hello", std::string("X: a\0b\r\n", 8)), 400},
      {"a NUL in the target", request(std::string("GET /he\0llo", 11)), 400},
      {"a vertical tab", request("GET /hello", "Transfer-Encoding:\vchunked\r\n"), 400},
      {"a chunk size that overflows", chunked("10000000000000002\r\n{}\r\n0\r\n\r\n"), 400},
      {"a chunk larger than the limit", chunked("ffffffffffffffff\r\n{}"), 413},
      {"a chunk size with a sign", chunked("+2\r\n{}\r\n0\r\n\r\n"), 400},
      {"a chunk size with 0x", chunked("0x2\r\n{}\r\n0\r\n\r\n"), 400},
      {"a chunk without a size", chunked("\r\n{}\r\n0\r\n\r\n"), 400},
      {"an extension without a size", chunked(";x\r\n"), 400},
      {"a space after the chunk size", chunked("2 \r\n{}\r\n0\r\n\r\n"), 400},
      {"a chunk size that ends in a line feed", chunked("2\n{}\r\n0\r\n\r\n"), 400},
      {"a line feed in an extension", chunked("2;a\nb\r\n{}\r\n0\r\n\r\n"), 400},
      {"a chunk longer than its size", chunked("2\r\n{}}\r\n0\r\n\r\n"), 400},
      {"a chunk that ends in a line feed", chunked("2\r\n{}\n0\r\n\r\n"), 400},
      {"an extension without end", chunked("2;" + std::string(300, 'x')), 400},
      {"trailers without end", chunked("0\r\n" + std::string(5000, 't')), 400},
  };
}

std::vector<Shape> broken_requests() {
  return {
      {"no host", "GET /hello HTTP/1.1\r\n\r\n", 400},
      {"two hosts", request("GET /hello", "Host: localhost\r\n"), 400},
      {"a host with a path", "GET /hello HTTP/1.1\r\nHost: localhost/x\r\n\r\n", 400},
      {"a host with userinfo", "GET /hello HTTP/1.1\r\nHost: a@localhost\r\n\r\n", 400},
      {"a host with a port that is none", "GET /hello HTTP/1.1\r\nHost: localhost:99999\r\n\r\n", 400},
      {"a host in broken brackets", "GET /hello HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"an empty host", "GET /hello HTTP/1.1\r\nHost: \r\n\r\n", 400},
      {"two names as one host", "GET /hello HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n", 400},
      {"HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      {"a TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
      {"HTTP/2.0 in words", "GET /hello HTTP/2.0\r\nHost: localhost\r\n\r\n", 505},
      {"HTTP/1.2", "GET /hello HTTP/1.2\r\nHost: localhost\r\n\r\n", 505},
      {"HTTP/0.9", "GET /hello\r\n\r\n", 400},
      {"a version that is none", "GET /hello HTTP/11\r\nHost: localhost\r\n\r\n", 400},
      {"a version in lower case", "GET /hello http/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"two spaces", "GET  /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"a method that is no token", "G(T /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"nothing but a word", "hello\r\n\r\n", 400},
      {"empty lines", "\r\n\r\n\r\n", 400},
      {"CONNECT", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n", 501},
      {"an expectation that is unknown", request("GET /hello", "Expect: 200-ok\r\n"), 417},
      {"a head that is too large", request("GET /hello", "X: " + std::string(17'000, 'x') + "\r\n"), 431},
      {"too many fields",
       request("GET /hello",
               [] {
                 std::string fields;
                 for (int i = 0; i < 200; ++i) fields += "X: y\r\n";
                 return fields;
               }()),
       431},
      {"a target that is too long", request("GET /" + std::string(9000, 'x')), 414},
  };
}

void expect_refused(const std::vector<Shape>& shapes, const std::function<RawClient()>& client) {
  RawClient neighbour = client();
  for (const Shape& shape : shapes) {
    SCOPED_TRACE(shape.what);
    RawClient hostile = client();
    // What comes behind must not be taken for a request.
    const Answer answer = hostile.ask(shape.bytes + request("GET /items/smuggled"));
    EXPECT_EQ(answer.status, shape.status);
    EXPECT_EQ(answer.headers.get("Connection"), "close");
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json");
    EXPECT_TRUE(hostile.ends());
    EXPECT_EQ(neighbour.ask(request("GET /hello")).body, "hello");
  }
}

TEST_P(HttpFlow, RefusesEveryShapeThatSmugglesRequests) {
  start();
  expect_refused(smuggling_shapes(), [this] { return client(); });
}

TEST_P(HttpFlow, RefusesBrokenRequests) {
  start();
  expect_refused(broken_requests(), [this] { return client(); });
}

TEST_P(HttpFlow, RefusesBadPathsAndGoesOn) {
  start();
  RawClient one = client();
  const std::string ours = wire == Wire::kTls ? "https" : "http";
  const std::string others = wire == Wire::kTls ? "http" : "https";
  for (const char* target : {"/items/%zz", "/items/%4", "/items/%00", "/items/%0a", "/hello?a=%", "*", "hello", "/#x",
                             "ftp://localhost/hello"}) {
    EXPECT_EQ(one.ask(request(fmt::format("GET {}", target))).status, 400) << target;
  }
  EXPECT_EQ(one.ask(request(fmt::format("GET {}://localhost/hello", others))).status, 400);
  EXPECT_EQ(one.ask(request(fmt::format("GET {}://localhost/hello", ours))).body, "hello");
  EXPECT_EQ(one.ask(request(fmt::format("GET {}://evil.example/hello", ours))).status, 400);
}

TEST_P(HttpFlow, AnswersOnlyToItsOwnNames) {
  options.hosts = {"birds.example"};
  start();
  const auto status_for = [&](std::string_view host) {
    return ask(fmt::format("GET /hello HTTP/1.1\r\nHost: {}\r\n\r\n", host)).status;
  };
  for (const char* host :
       {"localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "birds.example", "Birds.Example.:80"}) {
    EXPECT_EQ(status_for(host), 200) << host;
  }
  for (const char* host :
       {"evil.example", "localhost.evil.example", "192.0.2.1", "0.0.0.0", "[2001:db8::1]", "2130706433"}) {
    EXPECT_EQ(status_for(host), 421) << host;
  }
}

TEST_P(HttpFlow, RefusesFiftyMegabytesWithAnAnswerThatTheClientSees) {
  start();
  const std::string large(50'000'000, 'x');
  RawClient declared = client();
  const std::string whole = post("/echo", "application/json", large);
  EXPECT_EQ(declared.send(whole), whole.size()) << "many clients read no answer where they cannot send to the end";
  EXPECT_EQ(declared.read().status, 413);
  EXPECT_TRUE(declared.ends());

  RawClient in_chunks = client();
  in_chunks.send(chunked(""));
  const std::string chunk = "100000\r\n" + std::string(0x100000, 'x') + "\r\n";
  for (int i = 0; i < 48; ++i) in_chunks.send(chunk);
  EXPECT_EQ(in_chunks.read().status, 413);
  EXPECT_EQ(ask(request("GET /hello")).body, "hello");
}

TEST_P(HttpFlow, TakesBodiesUpToTheLimitOfTheirKind) {
  options.limits.json_body_bytes = 1000;
  options.limits.image_body_bytes = 2000;
  options.limits.multipart_body_bytes = 3000;
  start();
  const auto status_for = [&](const char* media, std::size_t bytes) {
    return ask(post("/echo", media, std::string(bytes, ' '))).status;
  };
  EXPECT_EQ(status_for("application/json", 1000), 200);
  EXPECT_EQ(status_for("application/json", 1001), 413);
  EXPECT_EQ(status_for("image/webp", 2000), 200);
  EXPECT_EQ(status_for("image/webp", 2001), 413);
  EXPECT_EQ(status_for("multipart/form-data; boundary=x", 3000), 200);
  EXPECT_EQ(status_for("multipart/form-data; boundary=x", 3001), 413);
}

TEST_P(HttpFlow, TakesNoMoreBodiesThanTheirMemoryAllows) {
  options.limits.bodies_in_memory_bytes = 100'000;
  start();
  const Answer answer = ask(post("/echo", "image/png", std::string(200'000, 'x')));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.get("Retry-After"), "1");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(post("/echo", "image/png", std::string(90'000, 'x'))).status, 200);
}

TEST_P(HttpFlow, SurvivesRandomBytes) {
  start();
  std::mt19937 random(7);
  RawClient neighbour = client();
  for (int i = 0; i < 200; ++i) {
    std::string bytes(1 + random() % 600, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 256);
    if (i % 2 == 0) bytes = chunked(bytes);
    RawClient hostile = client();
    hostile.send(bytes);
    if (i % 10 == 0) {
      EXPECT_EQ(neighbour.ask(request("GET /hello")).body, "hello");
    }
  }
  EXPECT_EQ(neighbour.ask(request("GET /hello")).body, "hello");
}

}  // namespace
}  // namespace curlew::testing_http
