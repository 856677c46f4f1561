#include "curlew/http/reply_state.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace curlew {
namespace {

struct Made {
  explicit Made(ByteCount room = 10, ByteCount limit = 20)
      : state(std::make_shared<ReplyState>(ReplyState::Style{.request_id = "id", .room = room, .limit = limit},
                                           [this] { ++pokes; })),
        reply(std::make_unique<ReplyHandle>(state)) {}

  int pokes = 0;
  std::shared_ptr<ReplyState> state;
  std::unique_ptr<HttpReply> reply;
};

TEST(HttpReply, TakesTheFirstAnswerOnly) {
  Made made;
  made.reply->send(200, {}, "first");
  made.reply->send(500, {}, "second");
  made.reply->fail(make_problem(HttpErrorCode::kFull, ""));
  made.reply->begin_stream(200, {});
  EXPECT_EQ(made.reply->write("x"), StreamRoom::kGone);
  const auto head = made.state->take_head();
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "first");
  EXPECT_FALSE(made.state->take_head());
}

TEST(HttpReply, Answers500WhereNobodyDoes) {
  Made made;
  made.reply.reset();
  const auto head = made.state->take_head();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 500);
  EXPECT_NE(head->body->find("\"request_id\":\"id\""), std::string::npos);
  EXPECT_GE(made.pokes, 1);
}

TEST(HttpReply, KeepsPiecesInOrderUntilTheyAreWritten) {
  Made made;
  made.reply->begin_stream(200, {});
  EXPECT_FALSE(made.state->take_head()->body);
  EXPECT_EQ(made.reply->write("a"), StreamRoom::kRoom);
  EXPECT_EQ(made.reply->write("b"), StreamRoom::kRoom);
  made.reply->end();
  const auto pieces = made.state->take_pieces();
  EXPECT_EQ(pieces.bytes, "ab");
  EXPECT_TRUE(pieces.ended);
  EXPECT_FALSE(pieces.broken);
}

TEST(HttpReply, PokesOnceUntilTheConnectionLooks) {
  Made made;
  made.reply->begin_stream(200, {});
  made.state->take_head();
  const int before = made.pokes;
  made.reply->write("a");
  made.reply->write("b");
  made.reply->write("c");
  EXPECT_EQ(made.pokes, before + 1);
  made.state->take_pieces();
  made.reply->write("d");
  EXPECT_EQ(made.pokes, before + 2);
  made.reply->end();
  EXPECT_EQ(made.pokes, before + 3);
}

TEST(HttpReply, TellsTheConnectionAtOnceThatAStreamIsCut) {
  Made made;
  made.reply->begin_stream(200, {});
  made.reply->write("0123456789");
  const int before = made.pokes;
  EXPECT_EQ(made.reply->write("0123456789x"), StreamRoom::kGone);
  EXPECT_EQ(made.pokes, before + 1);
  EXPECT_TRUE(made.state->cut());
}

TEST(HttpReply, CountsWhatIsBeingWritten) {
  Made made;
  int told = 0;
  made.reply->on_room([&] { ++told; });
  made.reply->begin_stream(200, {});
  EXPECT_EQ(made.reply->write("0123456789"), StreamRoom::kRoom);
  EXPECT_EQ(made.state->take_pieces().bytes.size(), 10U);
  EXPECT_EQ(made.reply->write("x"), StreamRoom::kFull);
  EXPECT_EQ(told, 0);
  made.state->wrote();
  EXPECT_EQ(told, 1);
  made.state->take_pieces();
  made.state->wrote();
  EXPECT_EQ(told, 1) << "told once";
}

TEST(HttpReply, WhoWasToldThatItIsFullHearsOfRoomWhateverOthersWriteMeanwhile) {
  Made made;
  int told = 0;
  made.reply->on_room([&] { ++told; });
  made.reply->begin_stream(200, {});
  made.reply->write("123");
  made.state->take_pieces();
  EXPECT_EQ(made.reply->write("12345678"), StreamRoom::kFull);
  made.state->wrote();  // 8 of 10 still wait
  made.state->take_pieces();
  EXPECT_EQ(made.reply->write(":"), StreamRoom::kRoom) << "a heartbeat";
  made.state->wrote();
  EXPECT_EQ(told, 1);
}

TEST(HttpReply, IsCutAtItsLimitAndStaysCut) {
  Made made;
  made.reply->begin_stream(200, {});
  EXPECT_EQ(made.reply->write(std::string(20, 'x')), StreamRoom::kFull);
  EXPECT_FALSE(made.state->cut());
  EXPECT_EQ(made.reply->write("y"), StreamRoom::kGone);
  EXPECT_TRUE(made.state->cut());
  EXPECT_TRUE(made.state->take_pieces().broken);
  EXPECT_EQ(made.reply->write(""), StreamRoom::kGone);
}

TEST(HttpReply, TakesOneLongPieceWhereNothingWaits) {
  Made made;
  made.reply->begin_stream(200, {});
  EXPECT_EQ(made.reply->write(std::string(1000, 'x')), StreamRoom::kFull);
  EXPECT_EQ(made.state->take_pieces().bytes.size(), 1000U);
}

TEST(HttpReply, TellsOnceThatTheClientHasGone) {
  Made made;
  int told = 0;
  made.reply->on_gone([&] { ++told; });
  made.reply->begin_stream(200, {});
  made.state->mark_gone();
  made.state->mark_gone();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(made.reply->write("x"), StreamRoom::kGone);
  made.reply->on_gone([&] { ++told; });
  EXPECT_EQ(told, 2) << "who asks later hears it at once";
}

TEST(HttpReply, TellsNobodyOnceItIsComplete) {
  Made made;
  const auto held = std::make_shared<int>();
  int told = 0;
  made.reply->on_gone([&told, held] { ++told; });
  made.reply->on_room([held] {});
  made.reply->send(200, {}, "x");
  made.state->finish();
  made.state->mark_gone();
  EXPECT_EQ(told, 0);
  EXPECT_EQ(held.use_count(), 1) << "what the listeners hold is let go";
}

TEST(HttpReply, IsBrokenOffWhereItsStreamHasNoEnd) {
  Made made;
  made.reply->begin_stream(200, {});
  made.reply->write("x");
  made.reply.reset();
  EXPECT_TRUE(made.state->take_pieces().broken);
}

TEST(HttpReply, SurvivesListenersThatThrow) {
  Made made;
  made.reply->on_gone([] { throw std::runtime_error("a listener's fault"); });
  EXPECT_NO_THROW(made.state->mark_gone());
}

TEST(HttpReply, MayBeUsedByWhoItTells) {
  Made made(1, 100);
  made.reply->begin_stream(200, {});
  made.reply->on_room([&] { made.reply->write("more"); });
  EXPECT_EQ(made.reply->write("xx"), StreamRoom::kFull);
  made.state->take_pieces();
  made.state->wrote();
  EXPECT_EQ(made.state->take_pieces().bytes, "more");
}

}  // namespace
}  // namespace curlew
