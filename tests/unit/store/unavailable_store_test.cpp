#include "curlew/store/unavailable_store.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace curlew {
namespace {

TEST(UnavailableStore, RefusesEverythingWithTheReason) {
  const auto store = make_unavailable_store({.code = StoreError::Code::kInUse, .message = "the reason"});
  EXPECT_EQ(store->create({}).error().message, "the reason");
  EXPECT_EQ(store->create({}).error().code, StoreError::Code::kUnavailable);
  EXPECT_EQ(store->status("id").error().message, "the reason");
  EXPECT_EQ(store->results("id", 0, 1).error().message, "the reason");
  EXPECT_EQ(store->cancel("id").error().message, "the reason");
  EXPECT_EQ(store->expire().error().message, "the reason");
  EXPECT_EQ(store->trouble()->message, "the reason");
  EXPECT_FALSE(store->claim(1, [](const std::string&) { return 1; }));
  EXPECT_EQ(store->complete(std::vector<ItemResult>(2)).get(), std::vector(2, Completion::kLost));
}

}  // namespace
}  // namespace curlew
