#include "curlew/service/store_source.hpp"

#include <gtest/gtest.h>

#include "unit/service/service_fakes.hpp"

namespace curlew {
namespace {

bool room_everywhere(const std::string& /*origin*/) { return true; }

TEST(StoreSource, MarksTheBatchOfAnItemAndItsTask) {
  const auto store = make_memory_store(StoreLimits{});
  StoreSource source(*store, "kept/");
  const auto first = fakes::create(*store, 1);
  const auto second = fakes::create(*store, 1, Task::kDetect);
  EXPECT_EQ(source.claim(room_everywhere)->batch, "kept/" + first);
  EXPECT_EQ(source.claim(room_everywhere)->batch, "kept/" + second);
  EXPECT_FALSE(source.claim(room_everywhere));
  EXPECT_FALSE(source.is_exhausted()) << "more may come";
}

TEST(StoreSource, ClaimsNothingFromAnOriginWithoutRoom) {
  const auto store = make_memory_store(StoreLimits{});
  StoreSource source(*store, "m/");
  fakes::create(*store, 2);
  EXPECT_FALSE(source.claim([](const std::string& origin) { return origin != "http://a.example:80"; }));
  EXPECT_EQ(source.claim(room_everywhere)->index, 0U);
}

TEST(StoreSource, ClosedItIsExhaustedAndSaysSo) {
  const auto store = make_memory_store(StoreLimits{});
  StoreSource source(*store, "m/");
  int told = 0;
  source.set_on_change([&] { ++told; });
  fakes::create(*store, 1);
  EXPECT_EQ(told, 1) << "of work";
  source.close();
  EXPECT_EQ(told, 2);
  EXPECT_TRUE(source.is_exhausted());
  EXPECT_FALSE(source.claim(room_everywhere));
  EXPECT_EQ(store->counts().waiting_items, 1U) << "it waits for the next start";
}

TEST(StoreSource, TellsNobodyWhoHasLeft) {
  const auto store = make_memory_store(StoreLimits{});
  int told = 0;
  {
    StoreSource source(*store, "m/");
    source.set_on_change([&] { ++told; });
    source.set_on_change({});
    fakes::create(*store, 1);
    source.set_on_change([&] { ++told; });
  }
  fakes::create(*store, 1);
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace curlew
