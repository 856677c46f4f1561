#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "contract/job_store_fixture.hpp"
#include "curlew/store/sqlite_connection.hpp"
#include "curlew/store/sqlite_store.hpp"

namespace curlew::testing_store {

/// A store in a file of its own, which tests close and open again.
class SqliteStoreTest : public testing::Test {
 protected:
  StoreResult<std::unique_ptr<JobStore>> try_open() {
    return open_sqlite_store(
        {.file = file_, .limits = limits_, .calendar = calendar_.calendar(), .busy_wait = busy_wait_});
  }
  void open() {
    auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }
  void reopen() {
    store_.reset();
    open();
  }
  std::string create(std::size_t items) {
    auto created = store_->create(some_batch(items));
    EXPECT_TRUE(created) << created.error().message;
    return created ? created->status.id : std::string();
  }
  void complete_all(const std::vector<Claim>& claims) {
    std::vector<ItemResult> results;
    for (const Claim& claim : claims) results.push_back(result_of(claim));
    store_->complete(std::move(results)).get();
  }
  StoreError refused() {
    const auto opened = try_open();
    EXPECT_FALSE(opened);
    return opened ? StoreError{} : opened.error();
  }
  void run_sql(const std::string& sql) { SqliteConnection(file_, std::chrono::milliseconds(0)).run(sql); }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "state" / "store.sqlite";
  StoreLimits limits_;
  std::chrono::milliseconds busy_wait_ = std::chrono::milliseconds(20);
  StillCalendar calendar_;
  std::unique_ptr<JobStore> store_;
};

}  // namespace curlew::testing_store
