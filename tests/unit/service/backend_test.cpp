#include "curlew/service/backend.hpp"

#include <gtest/gtest.h>

#include <future>

#include "unit/service/service_fakes.hpp"

namespace curlew {
namespace {

bool room_everywhere(const std::string& /*origin*/) { return true; }

std::vector<std::byte> bytes_of(const std::string& text) {
  std::vector<std::byte> bytes;
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

std::string text_of(const Item& item) {
  const auto* upload = std::get_if<Upload>(&item.source);
  if (upload == nullptr) return "no upload";
  return {reinterpret_cast<const char*>(upload->bytes->data()), upload->bytes->size()};
}

ItemResult result_of(const Item& item, ErrorCode code) {
  return {.batch = item.batch,
          .index = item.index,
          .url = item.text,
          .outcome = make_error(code, "as the test wants it"),
          .timings = {}};
}

class BackendTest : public testing::Test {
 protected:
  Item claim(StoreSource& source) { return source.claim(room_everywhere).value(); }
  Item claim_direct() { return claim(backend_.direct_source()); }
  Item claim_kept() { return claim(backend_.kept_source()); }
  std::string upload(std::vector<UploadedPicture> pictures) {
    return backend_.create_uploads(std::move(pictures), {}).value().status.id;
  }

  std::vector<std::pair<Task, std::uint32_t>> watched_;
  std::vector<std::string> ended_;
  const std::unique_ptr<JobStore> kept_ = make_memory_store(StoreLimits{});
  const std::unique_ptr<JobStore> direct_ = make_memory_store({.queue_items = 100});
  Backend backend_{*kept_,
                   *direct_,
                   {.item = [this](Task task, const ItemResult& result) { watched_.emplace_back(task, result.index); },
                    .batch = [this](const BatchStatus& status) { ended_.push_back(status.id); }}};
};

TEST_F(BackendTest, AResultFindsItsWayBackToItsStoreAndBatch) {
  const auto kept = fakes::create(*kept_, 1);
  const auto direct = fakes::create(*direct_, 2, Task::kDetect);
  const Item first = claim_direct();
  const Item second = claim_direct();
  const Item third = claim_kept();
  for (const Item& item : {third, second, first}) backend_.deliver(result_of(item, ErrorCode::kTimeout));
  const auto page = direct_->results(direct, 0, 10).value();
  ASSERT_EQ(page.results.size(), 2U);
  EXPECT_EQ(page.results[0].result.index, 1U);
  EXPECT_EQ(page.results[0].result.batch, direct) << "without the mark";
  EXPECT_EQ(kept_->status(kept)->done, 1U);
  EXPECT_EQ(ended_, std::vector<std::string>{kept}) << "of the kept ones only";
  EXPECT_EQ(watched_, (std::vector<std::pair<Task, std::uint32_t>>{
                          {Task::kClassify, 0}, {Task::kDetect, 1}, {Task::kDetect, 0}}));
}

TEST_F(BackendTest, CountsWhatEndsBeforeItBegins) {
  const auto kept = fakes::create(*kept_, 2, Task::kDetect);
  const Item begun = claim_kept();
  ASSERT_TRUE(kept_->cancel(kept));
  backend_.deliver(result_of(begun, ErrorCode::kTimeout));
  EXPECT_EQ(watched_, (std::vector<std::pair<Task, std::uint32_t>>{{Task::kDetect, 1}, {Task::kDetect, 0}}));
}

TEST_F(BackendTest, TellsTheNewsOfTheStoreThatHasIt) {
  const auto kept = fakes::create(*kept_, 1);
  const auto direct = fakes::create(*direct_, 1);
  std::promise<std::uint32_t> heard_kept;
  std::promise<std::uint32_t> heard_direct;
  const auto one =
      backend_.kept_news().listen(kept, [&](const BatchStatus& status) { heard_kept.set_value(status.done); });
  const auto other =
      backend_.direct_news().listen(direct, [&](const BatchStatus& status) { heard_direct.set_value(status.done); });
  backend_.deliver(result_of(claim_kept(), ErrorCode::kTimeout));
  backend_.deliver(result_of(claim_direct(), ErrorCode::kTimeout));
  EXPECT_EQ(heard_kept.get_future().get(), 1U);
  EXPECT_EQ(heard_direct.get_future().get(), 1U);
}

TEST_F(BackendTest, AKeptItemThatTheEndHasCancelledGoesBackAndADirectOneIsAnswered) {
  const auto kept = fakes::create(*kept_, 1);
  const auto direct = fakes::create(*direct_, 1);
  backend_.deliver(result_of(claim_kept(), ErrorCode::kCancelled));
  backend_.deliver(result_of(claim_direct(), ErrorCode::kCancelled));
  EXPECT_EQ(kept_->status(kept)->done, 0U);
  EXPECT_EQ(claim_kept().index, 0U) << "claimed again";
  EXPECT_EQ(direct_->status(direct)->cancelled, 1U);
}

TEST_F(BackendTest, OfABatchThatWasCancelledWhatWasBegunEndsInsteadOfGoingBack) {
  const auto kept = fakes::create(*kept_, 2);
  const Item begun = claim_kept();
  ASSERT_TRUE(kept_->cancel(kept));
  backend_.deliver(result_of(begun, ErrorCode::kCancelled));
  EXPECT_EQ(kept_->status(kept)->cancelled, 2U);
}

TEST_F(BackendTest, TheBytesOfAnUploadReachTheirItem) {
  upload({{.name = "a.jpg", .bytes = bytes_of("first"), .room = {}},
          {.name = "", .bytes = bytes_of("second"), .room = {}}});
  upload({{.name = "c.jpg", .bytes = bytes_of("third"), .room = {}}});
  fakes::create(*direct_, 1);
  std::map<std::string, std::string> seen;
  for (int i = 0; i < 4; ++i) {
    const Item item = claim_direct();
    seen[item.text] = text_of(item);
  }
  EXPECT_EQ(seen, (std::map<std::string, std::string>{
                      {"a.jpg", "first"}, {"", "second"}, {"c.jpg", "third"}, {"http://a.example/0", "no upload"}}));
}

TEST_F(BackendTest, ANameThatLooksLikeAUrlIsNeverFetched) {
  const std::string name = "http://10.0.0.1/x";
  const auto batch =
      upload({{.name = name, .bytes = bytes_of("1"), .room = {}}, {.name = name, .bytes = bytes_of("2"), .room = {}}});
  const auto item = backend_.direct_source().claim([](const std::string&) { return false; });
  ASSERT_TRUE(item) << "it needs no room of that origin";
  EXPECT_EQ(text_of(*item), "1");
  EXPECT_EQ(text_of(direct_->claim(1, fakes::all_room).value().at(0).item), "2");
  backend_.abandon(batch);
}

TEST_F(BackendTest, WhatAnUploadCountsForIsFreedWithItsLastResult) {
  auto room = std::make_shared<const int>(1);
  const std::weak_ptr<const void> weak = room;
  const auto batch =
      upload({{.name = "", .bytes = bytes_of("1"), .room = room}, {.name = "", .bytes = bytes_of("2"), .room = room}});
  room.reset();
  const Item first = claim_direct();
  const Item second = claim_direct();
  backend_.deliver(result_of(first, ErrorCode::kTimeout));
  EXPECT_FALSE(weak.expired()) << "the second is still in memory";
  backend_.deliver(result_of(second, ErrorCode::kTimeout));
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(backend_.open_uploads(), 0U);
  EXPECT_TRUE(direct_->status(batch)->ended());
}

TEST_F(BackendTest, UploadsOfAClientThatHasGoneAreFreed) {
  auto room = std::make_shared<const int>(1);
  const std::weak_ptr<const void> weak = room;
  const auto waiting = upload({{.name = "", .bytes = bytes_of("1"), .room = std::move(room)}});
  backend_.abandon(waiting);
  EXPECT_TRUE(weak.expired());
  EXPECT_TRUE(direct_->status(waiting)->ended());

  const auto begun =
      upload({{.name = "", .bytes = bytes_of("1"), .room = {}}, {.name = "", .bytes = bytes_of("2"), .room = {}}});
  const Item item = claim_direct();
  backend_.abandon(begun);
  backend_.abandon(begun);
  EXPECT_EQ(backend_.open_uploads(), 1U) << "one is in the pipeline";
  backend_.deliver(result_of(item, ErrorCode::kTimeout));
  EXPECT_EQ(backend_.open_uploads(), 0U);
  backend_.abandon("no such batch");
}

TEST_F(BackendTest, UploadsThatFindNoRoomAreNotKept) {
  std::vector<UploadedPicture> many(101);
  const auto refused = backend_.create_uploads(std::move(many), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, StoreError::Code::kFull);
  EXPECT_EQ(backend_.open_uploads(), 0U);
}

TEST_F(BackendTest, WaitsUntilEachDirectRequestHasItsResultsAndItsListenerHasThem) {
  backend_.wait_until_direct_is_done(now() + std::chrono::hours(1));
  const auto direct = fakes::create(*direct_, 1);
  fakes::create(*kept_, 1);
  backend_.wait_until_direct_is_done(now());
  EXPECT_EQ(direct_->counts().open_batches, 1U) << "the time was over";
  std::optional<BatchNews::Subscription> listening = backend_.direct_news().listen(direct, [](const BatchStatus&) {});
  backend_.deliver(result_of(claim_direct(), ErrorCode::kTimeout));
  const TimePoint end = now() + std::chrono::milliseconds(20);
  backend_.wait_until_direct_is_done(end);
  EXPECT_GE(now(), end) << "somebody has not taken the last result yet";
  listening.reset();
  backend_.wait_until_direct_is_done(now() + std::chrono::hours(1));
}

TEST(Backend, TheStoresTellNobodyOnceItHasGone) {
  const auto kept = make_memory_store(StoreLimits{});
  const auto direct = make_memory_store(StoreLimits{});
  const auto batch = fakes::create(*kept, 1);
  const auto other = fakes::create(*direct, 1);
  { const Backend backend(*kept, *direct); }
  fakes::complete(*kept, batch, 0);
  fakes::complete(*direct, other, 0);
  EXPECT_TRUE(kept->status(batch)->ended());
}

}  // namespace
}  // namespace curlew
