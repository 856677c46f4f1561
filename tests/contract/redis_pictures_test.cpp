// Pictures that come with a request, on their way through Redis.
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "contract/job_store_fixture.hpp"
#include "contract/redis_fixture.hpp"
#include "curlew/store/redis_store.hpp"

namespace curlew::testing_store {
namespace {

using Code = StoreError::Code;

TEST_F(RedisStoreTest, APictureReachesAnotherMachineAndGoesWithItsResult) {
  const auto api = machine();
  const auto worker = machine();
  std::string large;
  large.resize(9'000'000, 'x');  // more than goes at once
  const std::string batch = create(*api, pictured_batch({"first", large, "third"}));
  const RedisReply keys = server_->command({"KEYS", "curlew:picture:*"});
  EXPECT_EQ(keys.elements().size(), 3U);
  for (const RedisReply& key : keys.elements()) {
    EXPECT_GT(server_->command({"PTTL", key.string()}).number(), 0) << "lest it stay where its batch is lost";
  }
  std::vector<Claim> claims;
  EXPECT_TRUE(eventually([&] { return !(claims = claim(*worker, 3)).empty(); }));
  ASSERT_EQ(claims.size(), 3U);
  EXPECT_EQ(picture_of(claims[0]), "first");
  EXPECT_EQ(picture_of(claims[1]), large);
  complete(*worker, {claims[0], claims[1]});
  EXPECT_EQ(server_->command({"KEYS", "curlew:picture:*"}).elements().size(), 1U);
  ASSERT_TRUE(api->cancel(batch));
  complete(*worker, {claims[2]});
  EXPECT_TRUE(server_->command({"KEYS", "curlew:picture:*"}).elements().empty());
}

TEST_F(RedisStoreTest, PicturesOfABatchThatIsNotTakenGoAtOnce) {
  limits_.queue_items = 1;
  const auto store = machine();
  EXPECT_EQ(store->create(pictured_batch({"a", "b"})).error().code, Code::kFull);
  EXPECT_TRUE(server_->command({"KEYS", "curlew:picture:*"}).elements().empty());
}

TEST_F(RedisStoreTest, APictureThatIsGoneIsTheErrorOfItsItemAlone) {
  const auto store = machine();
  const std::string batch = create(*store, pictured_batch({"a", "b"}));
  server_->command({"DEL", "curlew:picture:" + batch + ":0"});
  const auto claims = claim(*store, 2);
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<Error>(claims[0].item.source));
  EXPECT_EQ(picture_of(claims[1]), "b");
}

}  // namespace
}  // namespace curlew::testing_store
