#include "curlew/app/open_store.hpp"

#include <gtest/gtest.h>

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
std::pair<ExitStatus, std::string> failure_of(const std::string& url, const Environment& environment = {}) {
  try {
    open_store(config_with(url), environment);
  } catch (const StartupError& error) {
    return {error.status(), error.what()};
  }
  return {ExitStatus::kOk, ""};
}

std::string keep_one(JobStore& store) {
  NewBatch batch;
  batch.items.push_back({.text = "http://a.example/x", .problem = {}});
  const auto created = store.create(std::move(batch));
  return created ? created->status.id : created.error().message;
}

TEST(OpenStore, InMemoryItKeepsNothing) {
  const auto id = keep_one(*open_store(config_with("memory:"), {}));
  EXPECT_FALSE(open_store(config_with("memory:"), {})->status(id));
}

TEST(OpenStore, AFileIsMadeWithItsFolderAndOpenedAgain) {
  const test::TempFolder folder;
  const Config config = config_with("sqlite:" + (folder / "new/store.db").string());
  const auto id = keep_one(*open_store(config, {}));
  const auto again = open_store(config, {});
  EXPECT_FALSE(again->trouble());
  EXPECT_EQ(again->status(id).value().total, 1U);
}

TEST(OpenStore, WithoutAPathItIsInTheStateFolder) {
  const test::TempFolder folder;
  const auto store = open_store(config_with("sqlite:"), {{"XDG_STATE_HOME", folder.path().string()}});
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

TEST(OpenStore, AFileThatIsInUseIsAnErrorOfTheEnvironment) {
  const test::TempFolder folder;
  const std::string url = "sqlite:" + (folder / "store.db").string();
  const auto first = open_store(config_with(url), {});
  const auto [status, text] = failure_of(url);
  EXPECT_EQ(status, ExitStatus::kEnvironment);
  EXPECT_NE(text.find("store.db"), std::string::npos) << text;
}

TEST(OpenStore, ADamagedFileGivesAStoreThatSaysSoAndTouchesNothing) {
  const test::TempFolder folder;
  const std::string damaged(8192, 'x');
  test::write_file(folder / "store.db", damaged);
  testing::internal::CaptureStderr();
  const auto store = open_store(config_with("sqlite:" + (folder / "store.db").string()), {});
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
  for (const auto& store : {open_store(config, {}), open_direct_store(config)}) {
    NewBatch two;
    two.items.resize(2);
    EXPECT_EQ(store->create(std::move(two)).error().code, StoreError::Code::kFull);
  }
  config.limits.keep_batches_h = 0.5;
  const auto store = open_store(config, {});
  const auto status = store->status(keep_one(*store)).value();
  EXPECT_EQ(status.expires_at - status.created_at, std::chrono::minutes(30));
}

}  // namespace
}  // namespace curlew
