#include "curlew/app/open_store.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "curlew/base/startup_error.hpp"
#include "unit/infer/temp_folder.hpp"

namespace curlew {
namespace {

Config config_with(const std::string& url) {
  Config config;
  config.store.url = url;
  return config;
}

/// The exit status that opening ends with, and what it says.
std::pair<ExitStatus, std::string> failure_of(const std::string& url, const Environment& environment = {},
                                              StoreRole role = StoreRole::kService) {
  try {
    open_stores(config_with(url), environment, role);
  } catch (const StartupError& error) {
    return {error.status(), error.what()};
  }
  return {ExitStatus::kOk, ""};
}

std::unique_ptr<JobStore> open_kept(const Config& config, const Environment& environment) {
  return open_stores(config, environment, StoreRole::kService).kept;
}

std::string keep_one(JobStore& store) {
  NewBatch batch;
  batch.items.push_back({.text = "http://a.example/x", .problem = {}});
  const auto created = store.create(std::move(batch));
  return created ? created->status.id : created.error().message;
}

TEST(OpenStore, InMemoryItKeepsNothing) {
  const auto id = keep_one(*open_kept(config_with("memory:"), {}));
  EXPECT_FALSE(open_kept(config_with("memory:"), {})->status(id));
}

TEST(OpenStore, AFileIsMadeWithItsFolderAndOpenedAgain) {
  const test::TempFolder folder;
  const Config config = config_with("sqlite:" + (folder / "new/store.db").string());
  const auto id = keep_one(*open_kept(config, {}));
  const auto again = open_kept(config, {});
  EXPECT_FALSE(again->trouble());
  EXPECT_EQ(again->status(id).value().total, 1U);
}

TEST(OpenStore, WithoutAPathItIsInTheStateFolder) {
  const test::TempFolder folder;
  const auto store = open_kept(config_with("sqlite:"), {{"XDG_STATE_HOME", folder.path().string()}});
  EXPECT_FALSE(store->trouble());
  EXPECT_TRUE(std::filesystem::exists(folder / "curlew/store.db"));
  const auto [status, text] = failure_of("sqlite:");
  EXPECT_EQ(status, ExitStatus::kUsage);
  EXPECT_NE(text.find("memory:"), std::string::npos) << text << ": it says what to do without a home";
}

TEST(OpenStore, AUrlThatIsNoneIsWrongUsage) {
  for (const std::string url : {"", "store.db", "memory", "postgres://host/db", "SQLITE:x"}) {
    const auto [status, text] = failure_of(url);
    EXPECT_EQ(status, ExitStatus::kUsage) << url;
    EXPECT_NE(text.find("store.url"), std::string::npos) << text;
  }
}

TEST(OpenStore, WorkThatNobodyWouldDoIsWrongUsage) {
  Config config = config_with("memory:");
  config.infer.workers = 0;
  EXPECT_THROW(open_stores(config, {}, StoreRole::kService), StartupError);
  const auto [status, text] = failure_of("memory:", {}, StoreRole::kWorker);
  EXPECT_EQ(status, ExitStatus::kUsage);
  EXPECT_NE(text.find("redis://"), std::string::npos) << text;
}

TEST(OpenStore, WhoSharesARedisSharesWhatIsAnsweredAtOnceWhereItIsDoneElsewhere) {
  Config config = config_with("redis://127.0.0.1:1/0");  // nobody is there, and nothing waits for it
  const OpenStores alone = open_stores(config, {}, StoreRole::kService);
  EXPECT_TRUE(alone.kept_is_shared);
  EXPECT_FALSE(alone.direct_is_shared);
  EXPECT_EQ(alone.name, "Redis at 127.0.0.1:1/0");
  config.infer.workers = 0;
  EXPECT_TRUE(open_stores(config, {}, StoreRole::kService).direct_is_shared);
  config.infer.workers = 2;
  EXPECT_TRUE(open_stores(config, {}, StoreRole::kWorker).direct_is_shared);
}

TEST(OpenStore, AWrongAddressOfARedisIsToldWithoutItsPassword) {
  const auto [status, text] = failure_of("redis://me:secret@host:port/0");
  EXPECT_EQ(status, ExitStatus::kUsage);
  EXPECT_NE(text.find("store.url"), std::string::npos) << text;
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
}

TEST(OpenStore, AFileThatIsInUseIsAnErrorOfTheEnvironment) {
  const test::TempFolder folder;
  const std::string url = "sqlite:" + (folder / "store.db").string();
  const auto first = open_kept(config_with(url), {});
  const auto [status, text] = failure_of(url);
  EXPECT_EQ(status, ExitStatus::kEnvironment);
  EXPECT_NE(text.find("store.db"), std::string::npos) << text;
}

TEST(OpenStore, ADamagedFileGivesAStoreThatSaysSoAndTouchesNothing) {
  const test::TempFolder folder;
  const std::string damaged(8192, 'x');
  test::write_file(folder / "store.db", damaged);
  testing::internal::CaptureStderr();
  const auto store = open_kept(config_with("sqlite:" + (folder / "store.db").string()), {});
  const std::string log = testing::internal::GetCapturedStderr();
  ASSERT_TRUE(store);
  ASSERT_TRUE(store->trouble());
  EXPECT_EQ(store->trouble()->code, StoreError::Code::kUnavailable);
  EXPECT_NE(log.find("store.db"), std::string::npos) << log;
  EXPECT_EQ(store->create({}).error().code, StoreError::Code::kUnavailable);
  EXPECT_EQ(test::file_text(folder / "store.db"), damaged);
}

TEST(OpenStore, LimitsComeFromTheConfig) {
  Config config = config_with("memory:");
  config.limits.queue_items = 1;
  const OpenStores stores = open_stores(config, {}, StoreRole::kService);
  for (const auto& store : {std::ref(stores.kept), std::ref(stores.direct)}) {
    NewBatch two;
    two.items.resize(2);
    EXPECT_EQ(store.get()->create(std::move(two)).error().code, StoreError::Code::kFull);
  }
  config.limits.keep_batches_h = 0.5;
  const auto store = open_kept(config, {});
  const auto status = store->status(keep_one(*store)).value();
  EXPECT_EQ(status.expires_at - status.created_at, std::chrono::minutes(30));
}

}  // namespace
}  // namespace curlew
