#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contract/redis_server.hpp"

namespace curlew::testing_store {

/// A server of its own, and as many stores on it as machines would have.
class RedisStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = RedisServer::missing(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<RedisServer>(arguments());
  }
  virtual std::vector<std::string> arguments() const { return {}; }

  std::unique_ptr<JobStore> machine() { return machine_at(server_->address()); }
  std::unique_ptr<JobStore> machine_at(const RedisAddress& address) { return make_redis_store(options_at(address)); }
  RedisOptions options_at(const RedisAddress& address) const {
    return {.address = address,
            .limits = limits_,
            .calendar = calendar_.calendar(),
            .lease = lease_,
            .patience = {.connect = std::chrono::seconds(2), .answer = std::chrono::seconds(5)}};
  }

  static std::string create(JobStore& store, NewBatch batch) {
    auto created = store.create(std::move(batch));
    EXPECT_TRUE(created) << created.error().message;
    return created ? created->status.id : std::string();
  }

  static std::vector<Claim> claim(JobStore& store, std::size_t count) {
    auto claims = store.claim(count, endless_room);
    EXPECT_TRUE(claims) << claims.error().message;
    return claims ? *std::move(claims) : std::vector<Claim>();
  }

  static std::vector<Completion> complete(JobStore& store, const std::vector<Claim>& claims) {
    std::vector<ItemResult> results;
    for (const Claim& claim : claims) results.push_back(result_of(claim));
    return store.complete(std::move(results)).get();
  }

  /// Cuts all connections, those of this process to others than a new one, too.
  void cut() const { server_->command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}); }

  /// A lease that no test outlives, unless it says otherwise.
  std::chrono::milliseconds lease_ = std::chrono::hours(1);
  StoreLimits limits_;
  StillCalendar calendar_;
  std::unique_ptr<RedisServer> server_;
};

}  // namespace curlew::testing_store
