#include "curlew/pipeline/turn_source.hpp"

#include <gtest/gtest.h>

#include "flow/fakes.hpp"

namespace curlew {
namespace {

using fakes::item_of;

bool room_everywhere(const std::string& /*origin*/) { return true; }

/// A list that can be held back, and tells of it.
class Tap : public ListSource {
 public:
  using ListSource::ListSource;
  std::optional<Item> claim(const HasRoom& has_room) override {
    return open ? ListSource::claim(has_room) : std::nullopt;
  }
  void set_on_change(std::function<void()> told) override { on_change = std::move(told); }

  bool open = true;
  std::function<void()> on_change;
};

std::string claim_all(TurnSource& turns, const HasRoom& has_room = room_everywhere) {
  std::string order;
  while (const auto item = turns.claim(has_room)) order += item->batch;
  return order;
}

TEST(TurnSource, ItsSourcesTakeTurns) {
  Tap a(std::vector<Item>{});
  Tap b({item_of(0, "http://b.example/0", "b"), item_of(1, "http://b.example/1", "b")});
  Tap c({item_of(0, "http://c.example/0", "c"), item_of(1, "http://c.example/1", "c"),
         item_of(2, "http://c.example/2", "c"), item_of(3, "http://c.example/3", "c")});
  TurnSource turns({&a, &b, &c});
  EXPECT_EQ(claim_all(turns), "bcbccc");
}

TEST(TurnSource, OneThatHasNothingNowLosesNoTurnLater) {
  Tap a({item_of(0, "http://a.example/0", "a"), item_of(1, "http://a.example/1", "a")});
  Tap b({item_of(0, "http://b.example/0", "b"), item_of(1, "http://b.example/1", "b"),
         item_of(2, "http://b.example/2", "b")});
  TurnSource turns({&a, &b});
  a.open = false;
  EXPECT_EQ(turns.claim(room_everywhere)->batch, "b");
  a.open = true;
  EXPECT_EQ(claim_all(turns), "abab");
}

TEST(TurnSource, PassesOnWhichOriginHasRoom) {
  Tap a({item_of(0, "http://a.example/0", "a")});
  Tap b({item_of(0, "http://b.example/0", "b")});
  TurnSource turns({&a, &b});
  EXPECT_EQ(claim_all(turns, [](const std::string& origin) { return origin != "http://a.example:80"; }), "b");
  EXPECT_FALSE(turns.is_exhausted());
  EXPECT_EQ(claim_all(turns), "a");
}

TEST(TurnSource, IsExhaustedWhenAllAre) {
  Tap a({item_of(0, "http://a.example/0", "a")});
  Tap b({item_of(0, "http://b.example/0", "b")});
  TurnSource turns({&a, &b});
  EXPECT_FALSE(turns.is_exhausted());
  turns.claim(room_everywhere);
  EXPECT_FALSE(turns.is_exhausted());
  turns.claim(room_everywhere);
  EXPECT_TRUE(turns.is_exhausted());
  EXPECT_TRUE(TurnSource({}).is_exhausted());
  EXPECT_FALSE(TurnSource({}).claim(room_everywhere));
}

TEST(TurnSource, IsToldOfAChangeByEachAndByNoneAfterwards) {
  Tap a(std::vector<Item>{});
  Tap b(std::vector<Item>{});
  TurnSource turns({&a, &b});
  int told = 0;
  turns.set_on_change([&] { ++told; });
  a.on_change();
  b.on_change();
  EXPECT_EQ(told, 2);
  turns.set_on_change({});
  EXPECT_FALSE(a.on_change);
  EXPECT_FALSE(b.on_change);
}

}  // namespace
}  // namespace curlew
