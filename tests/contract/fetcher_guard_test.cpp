// What must never be dialled: each test has a listener that would have noticed.
#include <string>
#include <vector>

#include "contract/fetcher_fixture.hpp"

namespace curlew::testing_origin {
namespace {

using FetcherGuard = FetcherTest;

void answer_hello(Request& request) { request.answer(200, "must not be seen"); }

TEST_F(FetcherGuard, RefusesEverySpellingOfThisMachine) {
  allow_net_.clear();
  ScriptedOrigin origin(answer_hello, "::");  // every address, IPv4 too
  names_->set("mine.test", {"127.0.0.1"});
  names_->set("mine6.test", {"::1"});
  names_->set("mapped.test", {"::ffff:127.0.0.1"});
  names_->set("zero.test", {"0.0.0.0"});
  for (const std::string host : {"127.0.0.1",
                                 "127.1",
                                 "2130706433",
                                 "0x7f000001",
                                 "0177.0.0.1",
                                 "0x7f.1",
                                 "127.0.0.1.",
                                 "0",
                                 "0.0.0.0",
                                 "127.8.8.8",
                                 "[::1]",
                                 "[::]",
                                 "[::ffff:127.0.0.1]",
                                 "[::ffff:7f00:1]",
                                 "[::127.0.0.1]",
                                 "mine.test",
                                 "MINE.test.",
                                 "mine6.test",
                                 "mapped.test",
                                 "zero.test"}) {
    const Seen seen = fetch(origin.url("/", host));
    EXPECT_EQ(seen.error.code, ErrorCode::kBlockedByPolicy) << host << ": " << seen.error.message;
    EXPECT_FALSE(seen.error.retryable);
  }
  EXPECT_EQ(origin.connections(), 0);
}

TEST_F(FetcherGuard, RefusesEveryRangeThatIsNotPublic) {
  options_.limits.tries = 1;
  for (const std::string host : {"0.1.2.3",
                                 "10.0.0.1",
                                 "100.64.0.1",
                                 "127.0.0.2",
                                 "169.254.169.254",
                                 "172.16.0.1",
                                 "192.0.0.1",
                                 "192.0.2.1",
                                 "198.51.100.1",
                                 "203.0.113.1",
                                 "192.168.0.1",
                                 "198.18.0.1",
                                 "224.0.0.1",
                                 "240.0.0.1",
                                 "255.255.255.255",
                                 "[fe80::1]",
                                 "[fec0::1]",
                                 "[fc00::1]",
                                 "[fd00::1]",
                                 "[ff02::1]",
                                 "[2001:db8::1]",
                                 "[::ffff:10.0.0.1]",
                                 "[::10.0.0.1]",
                                 "[2002:a00:1::]",
                                 "[64:ff9b::10.0.0.1]",
                                 "[64:ff9b:1::10.0.0.1]",
                                 "[2001:0:a00:1::f7f7:f7f7]",
                                 "[2606:4700::5efe:10.0.0.1]"}) {
    EXPECT_EQ(fetch("http://" + host + "/").error.code, ErrorCode::kBlockedByPolicy) << host;
  }
}

TEST_F(FetcherGuard, LetsInWhatTheAllowListNames) {
  allow_net_ = {"127.0.0.0/30"};
  ScriptedOrigin origin(answer_hello, "127.0.0.2");
  EXPECT_TRUE(fetch(origin.url("/", "127.0.0.2")).ok);
  EXPECT_EQ(fetch(origin.url("/", "127.0.0.4")).error.code, ErrorCode::kBlockedByPolicy);
}

TEST_F(FetcherGuard, DialsTheAddressThatWasJudgedAndNoOther) {
  ScriptedOrigin origin(answer_hello);
  names_->set("localhost", {"127.0.0.1"});
  names_->set("no-such-name.invalid", {"127.0.0.1"});
  EXPECT_TRUE(fetch(origin.url("/", "no-such-name.invalid")).ok);
  EXPECT_TRUE(fetch(origin.url("/", "localhost")).ok);
}

TEST_F(FetcherGuard, TriesEachOfTheAnswers) {
  ScriptedOrigin v6(answer_hello, "::1");
  names_->set("both.test", {"127.0.0.1", "::1"});
  EXPECT_TRUE(fetch(v6.url("/", "both.test")).ok);
}

TEST_F(FetcherGuard, OneRefusedAnswerRefusesTheName) {
  ScriptedOrigin good(answer_hello);
  for (const std::vector<std::string>& addresses : {std::vector<std::string>{"127.0.0.1", "127.0.0.2"},
                                                    {"127.0.0.2", "127.0.0.1"},
                                                    {"127.0.0.1", "::ffff:10.0.0.1"}}) {
    names_->set("mixed.test", addresses);
    EXPECT_EQ(fetch(good.url("/", "mixed.test")).error.code, ErrorCode::kBlockedByPolicy);
  }
  EXPECT_EQ(good.connections(), 0);
}

TEST_F(FetcherGuard, RefusesANameWithoutAddresses) {
  names_->set("none.test", std::vector<std::string>{});
  EXPECT_EQ(fetch("http://none.test/").error.code, ErrorCode::kBlockedByPolicy);
}

TEST_F(FetcherGuard, RefusesARedirectToARefusedAddress) {
  ScriptedOrigin secret(answer_hello, "127.0.0.2");
  names_->set("secret.test", {"127.0.0.2"});
  for (const std::string& location :
       {secret.url("/", "127.0.0.2"), secret.url("/", "secret.test"), secret.url("/", "[::ffff:127.0.0.2]"),
        secret.url("/", "2130706434"), "//127.2:" + std::to_string(secret.port()) + "/"}) {
    ScriptedOrigin origin([&](Request& request) { request.answer(302, "", "Location: " + location + "\r\n"); });
    EXPECT_EQ(fetch(origin.url("/")).error.code, ErrorCode::kBlockedByPolicy) << location;
    EXPECT_EQ(origin.requests(), 1);
  }
  EXPECT_EQ(secret.connections(), 0);
}

TEST_F(FetcherGuard, RefusesARedirectToWhatIsNoHttpUrl) {
  for (const std::string location :
       {"file:///etc/passwd", "ftp://bird.test/", "gopher://127.0.0.1:25/", "http://u:p@bird.test/",
        "http://[fe80::1%25lo]/", "http://", "http:\\\\bird.test"}) {
    ScriptedOrigin origin([&](Request& request) { request.answer(301, "", "Location: " + location + "\r\n"); });
    EXPECT_EQ(fetch(origin.url("/")).error.code, ErrorCode::kUrlInvalid) << location;
    EXPECT_EQ(origin.requests(), 1);
  }
}

TEST_F(FetcherGuard, RefusesANameThatChangesItsAnswerBetweenHops) {
  ScriptedOrigin origin([](Request& request) { request.answer(302, "", "Location: /next\r\nConnection: close\r\n"); });
  ScriptedOrigin secret(answer_hello, "127.0.0.2");
  names_->set_in_turn("moving.test", {std::vector{make_v4(127, 0, 0, 1)}, std::vector{make_v4(127, 0, 0, 2)}});
  EXPECT_EQ(fetch(origin.url("/", "moving.test")).error.code, ErrorCode::kBlockedByPolicy);
  EXPECT_EQ(names_->questions("moving.test"), 2);
  EXPECT_EQ(origin.requests(), 1);
  EXPECT_EQ(secret.connections(), 0);
}

TEST_F(FetcherGuard, RefusesANameThatChangesItsAnswerBetweenTries) {
  ScriptedOrigin origin([](Request& request) { request.close(); });
  names_->set_in_turn("moving.test", {std::vector{make_v4(127, 0, 0, 1)}, std::vector{make_v4(127, 0, 0, 2)}});
  EXPECT_EQ(fetch(origin.url("/", "moving.test")).error.code, ErrorCode::kBlockedByPolicy);
  EXPECT_EQ(origin.requests(), 1);
}

TEST_F(FetcherGuard, FollowsANameThatMovesToAnotherAllowedAddress) {
  allow_net_ = {"127.0.0.0/8"};
  ScriptedOrigin first([](Request& request) { request.answer(200, "first", "Connection: close\r\n"); }, "127.0.0.1");
  names_->set_in_turn("moving.test", {std::vector{make_v4(127, 0, 0, 1)}, std::vector{make_v4(127, 0, 0, 2)}});
  EXPECT_EQ(fetch(first.url("/", "moving.test")).body, "first");
  // A pin left over from before would still lead to the first listener, which is there.
  EXPECT_EQ(fetch(first.url("/", "moving.test")).error.code, ErrorCode::kConnectFailed);
}

}  // namespace
}  // namespace curlew::testing_origin
