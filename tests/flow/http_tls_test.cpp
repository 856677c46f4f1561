// What TLS has beyond what holds over every wire: handshakes, farewells, certificates.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <random>
#include <thread>

#include "curlew/base/startup_error.hpp"
#include "flow/http_fixture.hpp"

namespace curlew::testing_http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

const std::string kHelloBegin("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);

TEST_F(TlsFlow, SpeaksTheTwoGoodVersionsAndNoOther) {
  start();
  const auto with = [&](int version) {
    return RawClient(server->port(), "127.0.0.1", TlsWish{.lowest = version, .highest = version});
  };
  EXPECT_EQ(with(TLS1_3_VERSION).version(), "TLSv1.3");
  RawClient older = with(TLS1_2_VERSION);
  EXPECT_EQ(older.version(), "TLSv1.2");
  EXPECT_EQ(older.ask(request("GET /hello")).body, "hello");
  EXPECT_FALSE(with(TLS1_1_VERSION).connected());
  EXPECT_FALSE(with(TLS1_VERSION).connected());
}

TEST_F(TlsFlow, ServesRsaKeysToo) {
  options.tls = certificates.make("rsa", {.name = "rsa", .rsa = true});
  start();
  EXPECT_EQ(client().ask(request("GET /hello")).body, "hello");
}

TEST_F(TlsFlow, AgreesOnHttp11) {
  start();
  const auto offering = [&](const std::string& protocols) {
    return RawClient(server->port(), "127.0.0.1", TlsWish{.protocols = protocols});
  };
  EXPECT_EQ(offering("\x02h2\x08http/1.1").protocol(), "http/1.1");
  EXPECT_EQ(offering("\x08http/1.0\x02h2").protocol(), "http/1.0");
  EXPECT_EQ(offering("").protocol(), "");
  EXPECT_FALSE(offering("\x02h2").connected()) << "it would be answered in a protocol that it does not speak";
}

TEST_F(TlsFlow, SaysFarewellWhereItEnds) {
  start();
  RawClient one = client();
  EXPECT_EQ(one.ask("GET /stream HTTP/1.0\r\n\r\n").body, "one two three");
  EXPECT_TRUE(one.ends());
  EXPECT_TRUE(one.heard_farewell()) << "the answer could have been cut off";
  RawClient refused = client();
  EXPECT_EQ(refused.ask("nonsense\r\n\r\n").status, 400);
  EXPECT_TRUE(refused.ends());
  EXPECT_TRUE(refused.heard_farewell());
}

TEST_F(TlsFlow, SaysNoFarewellToAnAnswerThatIsNotWhole) {
  start();
  RawClient one = client();
  one.send("GET /held HTTP/1.0\r\n\r\n");
  auto reply = held.take();
  reply->begin_stream(200, {});
  reply->write("half");
  reply.reset();
  one.read();
  EXPECT_FALSE(one.heard_farewell());
}

TEST_F(TlsFlow, CutsAHandshakeThatNeverEnds) {
  options.limits.head_time = milliseconds(200);
  start();
  RawClient silent(server->port());
  RawClient begun(server->port());
  begun.send(kHelloBegin);
  EXPECT_TRUE(silent.ends());
  EXPECT_TRUE(begun.ends());
  EXPECT_TRUE(watcher->wait_for_open(0));
}

TEST_F(TlsFlow, CutsAHandshakeThatDrips) {
  options.limits.head_time = milliseconds(300);
  start();
  RawClient dripping(server->port());
  dripping.send(kHelloBegin);
  const TimePoint begin = now();
  while (now() - begin < std::chrono::seconds(10) && dripping.send("\x01") == 1) {
    RawClient other = client();
    EXPECT_EQ(other.ask(request("GET /hello")).body, "hello");
  }
  EXPECT_LT(now() - begin, std::chrono::seconds(10));
}

TEST_F(TlsFlow, ClosesWhoIsSilentBehindTheHandshake) {
  options.limits.head_time = milliseconds(200);
  start();
  EXPECT_TRUE(client().ends());
}

TEST_F(TlsFlow, ClosesTheLongestHandshakeForANewOne) {
  options.limits.handshakes_at_once = 2;
  start();
  RawClient first(server->port());
  RawClient second(server->port());
  EXPECT_TRUE(watcher->wait_for_open(2));
  RawClient good = client();
  EXPECT_TRUE(first.is_reset());
  EXPECT_EQ(good.ask(request("GET /hello")).body, "hello");
  RawClient third = client();
  EXPECT_EQ(third.ask(request("GET /hello")).body, "hello");
  EXPECT_EQ(good.ask(request("GET /hello")).body, "hello") << "a handshake that has ended does not count";
}

TEST_F(TlsFlow, EndsHandshakesWhenItDrains) {
  options.limits.head_time = std::chrono::minutes(5);
  start();
  RawClient begun(server->port());
  begun.send(kHelloBegin);
  EXPECT_TRUE(watcher->wait_for_open(1));
  server->begin_drain();
  EXPECT_TRUE(begun.ends());
}

TEST_F(TlsFlow, TellsPlainHttpWhatIsSpokenHere) {
  start();
  RawClient neighbour = client();
  RawClient plain(server->port());
  const Answer answer = plain.ask(request("GET /hello"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("write https:// in place of http://"));
  EXPECT_EQ(answer.headers.get("Connection"), "close");
  EXPECT_TRUE(plain.ends());
  RawClient large(server->port());
  EXPECT_EQ(large.ask(post("/echo", "image/png", std::string(1'000'000, 'x'))).status, 400);
  EXPECT_EQ(neighbour.ask(request("GET /hello")).body, "hello");
}

TEST_F(TlsFlow, SurvivesRandomBytesInPlaceOfAHandshake) {
  start();
  std::mt19937 random(11);
  RawClient neighbour = client();
  for (int i = 0; i < 200; ++i) {
    std::string bytes(1 + random() % 600, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 256);
    RawClient(server->port()).send((i % 2 == 0 ? kHelloBegin : "") + bytes);
    if (i % 10 == 0) {
      EXPECT_EQ(neighbour.ask(request("GET /hello")).body, "hello");
    }
  }
  EXPECT_TRUE(watcher->wait_for_open(1)) << "what failed was not closed";
}

TEST_F(TlsFlow, AnswersEveryRequestOfOneRecord) {
  start();
  std::string record;
  int count = 0;
  while (record.size() < 15'000) record += request(fmt::format("GET /items/{}", count++));
  RawClient one = client();
  one.send(record);
  for (int i = 0; i < count; ++i) EXPECT_EQ(one.read().body, fmt::format("GET {} 127.0.0.1", i));
}

/// Until it answers, the server reads no more where it may read ahead 10 bytes.
std::shared_ptr<HttpReply> make_busy(RawClient& client, ReplyBox& held) {
  client.send(request("GET /held") + request("GET /hello"));
  return held.take();
}

TEST_F(TlsFlow, ReadsOnWhereOneReadTakesPartOfARecord) {
  options.limits.read_ahead_bytes = 10;
  start();
  RawClient one = client();
  auto reply = make_busy(one, held);
  int count = 0;
  for (int i = 0; i < 5; ++i) {  // together more than one read takes
    std::string record;
    while (record.size() < 14'000) record += request(fmt::format("GET /items/{}", count++));
    one.send(record);
  }
  reply->send(200, {}, "held");
  EXPECT_EQ(one.read().body, "held");
  EXPECT_EQ(one.read().body, "hello");
  for (int i = 0; i < count; ++i) ASSERT_EQ(one.read().body, fmt::format("GET {} 127.0.0.1", i));
}

TEST_F(TlsFlow, HearsAFarewellThatCameRightBehindARequest) {
  options.limits.read_ahead_bytes = 10;
  start();
  RawClient leaving = client();
  auto reply = make_busy(leaving, held);
  leaving.send(request("GET /held"));
  leaving.say_farewell();
  reply->send(200, {}, "held");
  Signal gone;
  auto last = held.take();
  last->on_gone(gone.raiser());
  EXPECT_TRUE(gone.wait());
}

TEST_F(TlsFlow, GoesOnWithNewKeysHoweverOften) {
  start();
  RawClient one = client();
  for (int i = 0; i < 500; ++i) one.change_keys();
  EXPECT_EQ(one.ask(request("GET /hello")).body, "hello");
  one.change_keys();
  EXPECT_EQ(one.ask(request("GET /hello")).body, "hello");
}

TEST_F(TlsFlow, ShakesHandsOncePerConnection) {
  start();
  RawClient again(server->port(), "127.0.0.1", TlsWish{.lowest = TLS1_2_VERSION, .highest = TLS1_2_VERSION});
  EXPECT_EQ(again.ask(request("GET /hello")).body, "hello");
  EXPECT_FALSE(again.renegotiate());
  EXPECT_EQ(client().ask(request("GET /hello")).body, "hello");
}

TEST_F(TlsFlow, SendsALargeAnswerToASlowReader) {
  start();
  std::string body(8'000'000, '\0');
  std::mt19937 random(3);
  for (char& c : body) c = static_cast<char>('a' + random() % 26);
  RawClient slow = client();
  slow.set_receive_buffer(65536);
  slow.send(request("GET /held"));
  held.take()->send(200, {}, body);
  RawClient other = client();
  EXPECT_EQ(other.ask(request("GET /hello")).body, "hello") << "one answer keeps others waiting";
  EXPECT_TRUE(slow.read().body == body);
}

TEST_F(TlsFlow, BelievesNoBodyThatWasCutOff) {
  start();
  RawClient cut = client();
  cut.send(post("/echo", "image/png", std::string(1000, 'x')).substr(0, 600));
  cut.cut_sending();
  EXPECT_EQ(cut.read().status, 400);
  RawClient whole = client();
  whole.send(request("GET /hello"));
  whole.cut_sending();  // what was asked was whole
  EXPECT_EQ(whole.read().body, "hello");
  EXPECT_TRUE(whole.ends());
}

TEST_F(TlsFlow, TellsWhoAnswersThatTheClientSaidFarewell) {
  start();
  Signal gone;
  RawClient leaving = client();
  leaving.send(request("GET /held"));
  auto reply = held.take();
  reply->on_gone(gone.raiser());
  leaving.send_no_more();
  EXPECT_TRUE(gone.wait());
}

TEST_F(TlsFlow, GivesNewConnectionsTheNewCertificate) {
  options.tls = certificates.make("server", {.name = "old"});
  start();
  RawClient before = client();
  EXPECT_EQ(before.certificate_name(), "old");
  certificates.make("server", {.name = "new"});
  server->reload_tls(options.tls);
  EXPECT_EQ(before.ask(request("GET /hello")).body, "hello");  // and it is behind the reload on the http thread
  EXPECT_EQ(client().certificate_name(), "new");
  EXPECT_EQ(before.ask(request("GET /hello")).body, "hello");
}

TEST_F(TlsFlow, KeepsTheCertificateWhereTheNewOneIsWrong) {
  options.tls = certificates.make("server", {.name = "old"});
  const TlsFiles other = certificates.make("other", {.name = "other"});
  start();
  testing::internal::CaptureStderr();
  server->reload_tls({.certificate = other.certificate, .key = options.tls.key});
  server->reload_tls({.certificate = certificates.folder / "none.pem", .key = other.key});
  server->reload_tls({});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("http.tls_key is not the key of the first certificate"));
  EXPECT_THAT(log, HasSubstr("none.pem\" cannot be read"));
  EXPECT_THAT(log, HasSubstr("restart it"));
  EXPECT_EQ(client().ask(request("GET /hello")).body, "hello");
  EXPECT_EQ(client().certificate_name(), "old");
}

TEST_F(TlsFlow, SaysWhatIsWrongWithItsFiles) {
  const auto failure_of = [](const TlsFiles& files) -> std::string {
    HttpOptions wrong;
    wrong.listen = "127.0.0.1:0";
    wrong.tls = files;
    try {
      HttpServer(wrong, Router()).start();
    } catch (const StartupError& error) {
      return fmt::format("{}: {}", static_cast<int>(error.status()), error.what());
    }
    return "started";
  };
  const TlsFiles good = certificates.make("good");
  const TlsFiles secret = certificates.make("secret", {.passphrase = "birds"});
  EXPECT_EQ(failure_of(good), "started");
  EXPECT_THAT(failure_of({.certificate = good.certificate, .key = ""}), testing::StartsWith("2: http.tls_certificate"));
  EXPECT_THAT(failure_of(secret), HasSubstr("has a passphrase, which is not supported"));
  EXPECT_THAT(failure_of({.certificate = good.key, .key = good.key}), HasSubstr("holds no certificate in PEM form"));
  EXPECT_THAT(failure_of({.certificate = good.certificate, .key = good.certificate}),
              HasSubstr("holds no private key in PEM form"));
  EXPECT_THAT(failure_of({.certificate = good.certificate, .key = certificates.make("other").key}),
              HasSubstr("is not the key of the first certificate"));
}

TEST_F(TlsFlow, WarnsOfACertificateThatExpires) {
  options.tls = certificates.make("server", {.valid_for = std::chrono::hours(24)});
  testing::internal::CaptureStderr();
  start();
  certificates.make("server", {.valid_for = std::chrono::hours(-1)});
  server->reload_tls(options.tls);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("server.crt expires at "));
  EXPECT_THAT(log, HasSubstr("server.crt has expired at "));
  EXPECT_EQ(client().ask(request("GET /hello")).body, "hello");
}

}  // namespace
}  // namespace curlew::testing_http
