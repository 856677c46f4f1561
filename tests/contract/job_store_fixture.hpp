#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "curlew/store/job_store.hpp"

namespace curlew::testing_store {

/// Opens the store at one place, anew each time; only one at a time.
using OpenStore = std::function<std::unique_ptr<JobStore>(const StoreLimits&, const Calendar&)>;

/// One implementation of JobStore.
struct Kind {
  std::string name;
  std::function<OpenStore()> new_place;  ///< an empty one
  std::string missing = {};              ///< what this machine lacks for it
  bool keeps_pictures = true;            ///< that come with their requests
};

/// A folder that goes with this.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::size_t endless_room(const std::string& /*origin*/) { return 1'000'000; }

/// `count` items of as many pictures of one origin.
std::vector<NewItem> some_items(std::size_t count, const std::string& origin = "https://birds.test");
NewBatch some_batch(std::size_t count, const std::string& origin = "https://birds.test");

/// An item for each picture, with these bytes.
NewBatch pictured_batch(const std::vector<std::string>& pictures);
/// The bytes that came with the item; "none" where none did.
std::string picture_of(const Claim& claim);

/// With an idempotency key.
NewBatch keyed(const std::string& key, const std::string& fingerprint);

/// A result that fits the claim; which one, `random` says. Every member of it is used.
ItemResult random_result(const Claim& claim, std::mt19937& random);
/// A plain good one.
ItemResult result_of(const Claim& claim);
ItemKey key_of(const Claim& claim);

/// Every bit of a result, to compare and to show.
std::string describe(const ItemResult& result);

/// All claims that there are.
std::vector<Claim> claim_all(JobStore& store);
/// All results of a batch, page by page.
std::vector<KeptResult> all_results(JobStore& store, const std::string& batch, std::size_t page = 100);
/// Whether `condition` comes true within some seconds: for what another thread does of itself.
bool eventually(const std::function<bool()>& condition);

/// A calendar that stands still until it is moved.
class StillCalendar {
 public:
  Calendar calendar() const {
    return [this] { return CalendarTime(std::chrono::milliseconds(ms_.load())); };
  }
  CalendarTime now() const { return CalendarTime(std::chrono::milliseconds(ms_.load())); }
  void advance(std::chrono::milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_ = 1'750'000'000'000;
};

/// All of them; a further one is one more row.
std::vector<Kind> kinds();

/// A store of each kind, made at first use with `limits_`.
class JobStoreContract : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!GetParam().missing.empty()) GTEST_SKIP() << GetParam().missing;
    open_ = GetParam().new_place();
  }

  JobStore& store() {
    if (!store_) store_ = open_(limits_, calendar_.calendar());
    return *store_;
  }

  std::string create(NewBatch batch) {
    auto created = store().create(std::move(batch));
    if (!created) {
      ADD_FAILURE() << created.error().message;
      return {};
    }
    return created->status.id;
  }

  BatchStatus status(const std::string& batch) {
    auto status = store().status(batch);
    if (!status) {
      ADD_FAILURE() << status.error().message;
      return {};
    }
    return *std::move(status);
  }

  std::vector<Claim> claim(std::size_t count) {
    auto claims = store().claim(count, endless_room);
    EXPECT_TRUE(claims) << claims.error().message;
    return claims ? *std::move(claims) : std::vector<Claim>();
  }

  std::vector<Completion> complete(const std::vector<ItemResult>& results) { return store().complete(results).get(); }

  void complete_all(const std::vector<Claim>& claims) {
    std::vector<ItemResult> results;
    for (const Claim& claim : claims) results.push_back(result_of(claim));
    EXPECT_EQ(complete(results), std::vector(claims.size(), Completion::kKept));
  }

  std::optional<StoreError::Code> error_of(const std::string& batch) {
    const auto status = store().status(batch);
    return status ? std::nullopt : std::optional(status.error().code);
  }

  StoreLimits limits_;
  StillCalendar calendar_;
  OpenStore open_;
  std::unique_ptr<JobStore> store_;
};

}  // namespace curlew::testing_store
