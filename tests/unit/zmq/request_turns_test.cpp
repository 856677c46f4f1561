#include "curlew/zmq/request_turns.hpp"

#include <gtest/gtest.h>

#include <string>

namespace curlew {
namespace {

Request request(const std::string& client, const std::string& body) { return {{client, ""}, {body}}; }

TEST(Envelope, EndsWithTheFirstEmptyFrame) {
  const auto request = split_envelope({"client", "", "command", "", "data"});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->envelope, (Frames{"client", ""}));
  EXPECT_EQ(request->body, (Frames{"command", "", "data"}));
}

TEST(Envelope, KeepsEveryHop) {
  const auto request = split_envelope({"proxy", "hop", "client", "", "command"});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->envelope, (Frames{"proxy", "hop", "client", ""}));
  EXPECT_EQ(request->client(), "proxy");
}

TEST(Envelope, MayHaveNothingBehindIt) {
  const auto request = split_envelope({"client", ""});
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->body.empty());
}

TEST(Envelope, IsMissingWithoutAnEmptyFrame) {
  EXPECT_FALSE(split_envelope({}));
  EXPECT_FALSE(split_envelope({"client"}));
  EXPECT_FALSE(split_envelope({"client", "command", "data"}));
}

TEST(RequestTurns, GiveAClientOneRequestAtATime) {
  RequestTurns turns;
  EXPECT_EQ(turns.arrived(request("a", "1"))->body, Frames{"1"});
  EXPECT_FALSE(turns.arrived(request("a", "2")));
  EXPECT_FALSE(turns.arrived(request("a", "3")));
  EXPECT_EQ(turns.done("a")->body, Frames{"2"});
  EXPECT_EQ(turns.done("a")->body, Frames{"3"});
  EXPECT_FALSE(turns.done("a"));
}

TEST(RequestTurns, LetClientsGoOnBesideEachOther) {
  RequestTurns turns;
  EXPECT_TRUE(turns.arrived(request("a", "1")));
  EXPECT_TRUE(turns.arrived(request("b", "1")));
  EXPECT_FALSE(turns.done("b"));
  EXPECT_TRUE(turns.arrived(request("b", "2")));
}

TEST(RequestTurns, CountWhatWaitsWithItsKeeping) {
  RequestTurns turns;
  turns.arrived(request("a", std::string(1000, 'x')));
  EXPECT_EQ(turns.waiting_bytes(), 0U);  // it is worked on
  turns.arrived(request("a", std::string(1000, 'x')));
  EXPECT_GT(turns.waiting_bytes(), 1000U);
  EXPECT_LT(turns.waiting_bytes(), 2000U);
  turns.done("a");
  EXPECT_EQ(turns.waiting_bytes(), 0U);

  Request empty_frames = request("a", "");
  empty_frames.body.resize(1000);
  turns.arrived(std::move(empty_frames));
  EXPECT_GT(turns.waiting_bytes(), 1000 * sizeof(std::string));
}

TEST(RequestTurns, ForgetClientsOfWhomNothingWaits) {
  RequestTurns turns;
  for (int i = 0; i < 100; ++i) turns.arrived(request(std::to_string(i), "x"));
  EXPECT_EQ(turns.clients(), 100U);
  for (int i = 0; i < 100; ++i) turns.done(std::to_string(i));
  EXPECT_EQ(turns.clients(), 0U);
  EXPECT_FALSE(turns.done("nobody"));
}

}  // namespace
}  // namespace curlew
