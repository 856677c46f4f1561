// What the store in a file does beyond what every store does: it outlives its process, and tells what is wrong with its
// file.
#include "curlew/store/sqlite_store.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <iostream>
#include <set>

#include "contract/sqlite_fixture.hpp"
#include "curlew/base/byte_count.hpp"
#include "curlew/base/clock.hpp"
#include "curlew/store/sqlite_schema.hpp"

namespace curlew::testing_store {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Code = StoreError::Code;
using Phase = BatchStatus::Phase;

// ---- the next process ----

TEST_F(SqliteStoreTest, TheNextProcessFindsAllThatWasKept) {
  open();
  NewBatch batch = keyed("key", "print");
  batch.options = {.task = Task::kDetect, .model = "coco", .top = 5, .threshold = 0.1F, .thumbnail = true};
  const std::string id = store_->create(batch)->status.id;
  const auto claims = *store_->claim(1, endless_room);
  complete_all(claims);
  const auto before = all_results(*store_, id);
  reopen();
  const auto status = store_->status(id);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->options, batch.options);
  EXPECT_EQ(status->phase, Phase::kRunning);
  EXPECT_EQ(status->done, 1U);
  EXPECT_EQ(status->created_at, calendar_.now());
  EXPECT_EQ(describe(all_results(*store_, id).at(0).result), describe(before.at(0).result));
  EXPECT_FALSE(store_->create(batch)->is_new);
  const auto left = claim_all(*store_);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].item.index, 1U);
  complete_all(left);
  EXPECT_EQ(store_->status(id)->phase, Phase::kDone);
  reopen();
  EXPECT_EQ(store_->status(id)->phase, Phase::kDone);
  EXPECT_EQ(store_->counts().open_batches, 0U);
}

TEST_F(SqliteStoreTest, WhatAnEarlierProcessHadBegunWaitsAgain) {
  open();
  create(5);
  calendar_.advance(10s);
  EXPECT_EQ(claim_all(*store_).size(), 5U);
  reopen();
  EXPECT_EQ(store_->counts().waiting_items, 5U);
  const auto claims = claim_all(*store_);
  EXPECT_EQ(claims.size(), 5U);
  EXPECT_GE(now() - claims[0].item.accepted_at, 10s);  // it has waited since it came
}

TEST_F(SqliteStoreTest, WhatAnEarlierProcessHadBegunOfACancelledBatchEndsCancelled) {
  open();
  const std::string id = create(3);
  EXPECT_EQ(store_->claim(2, endless_room)->size(), 2U);
  ASSERT_TRUE(store_->cancel(id));
  reopen();
  EXPECT_TRUE(eventually([&] { return store_->status(id)->ended(); }));
  EXPECT_EQ(store_->status(id)->cancelled, 3U);
  EXPECT_EQ(store_->status(id)->phase, Phase::kCancelled);
}

TEST_F(SqliteStoreTest, ResultsHandedInJustBeforeTheEndAreKept) {
  open();
  const std::string id = create(1000);
  for (const Claim& claim : claim_all(*store_)) store_->complete({result_of(claim)});
  reopen();
  EXPECT_EQ(store_->status(id)->done, 1000U);
}

// ---- one file, one process ----

TEST_F(SqliteStoreTest, ASecondOpenerIsRefusedAndHarmsNothing) {
  open();
  const std::string id = create(3);
  const StoreError error = refused();
  EXPECT_EQ(error.code, Code::kInUse);
  EXPECT_THAT(error.message, HasSubstr(file_.filename().string()));
  EXPECT_THAT(error.message, HasSubstr(std::to_string(::getpid())));
  complete_all(claim_all(*store_));
  EXPECT_EQ(store_->status(id)->done, 3U);
  reopen();
}

TEST_F(SqliteStoreTest, ASecondNameOfTheFileDoesNotHelp) {
  open();
  std::filesystem::create_symlink(file_, folder_.path() / "other.sqlite");
  file_ = folder_.path() / "other.sqlite";
  EXPECT_EQ(refused().code, Code::kInUse);
}

TEST_F(SqliteStoreTest, OthersCannotReadTheFile) {
  open();
  create(1);
  constexpr auto kOfOthers = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  for (const auto& entry : std::filesystem::directory_iterator(file_.parent_path())) {
    EXPECT_EQ(entry.status().permissions() & kOfOthers, std::filesystem::perms::none) << entry.path();
  }
  EXPECT_EQ(std::filesystem::status(file_.parent_path()).permissions() & kOfOthers, std::filesystem::perms::none);
}

// ---- files that are none of ours ----

TEST_F(SqliteStoreTest, AFileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  std::filesystem::create_directories(file_.parent_path());
  const std::string text(5000, 'x');
  std::ofstream(file_) << text;
  EXPECT_EQ(refused().code, Code::kUnavailable);
  EXPECT_THAT(refused().message, HasSubstr("is not a database of Curlew"));
  EXPECT_EQ(std::filesystem::file_size(file_), text.size());
}

TEST_F(SqliteStoreTest, ADatabaseOfAnotherProgramIsRefused) {
  std::filesystem::create_directories(file_.parent_path());
  run_sql("CREATE TABLE bookmarks (url TEXT)");
  EXPECT_THAT(refused().message, HasSubstr("is not a database of Curlew"));
}

TEST_F(SqliteStoreTest, ATruncatedFileIsRefused) {
  open();
  for (int i = 0; i < 5; ++i) create(1000);
  store_.reset();
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) / 2);
  EXPECT_THAT(refused().message, HasSubstr("is damaged"));
}

TEST_F(SqliteStoreTest, DamageInTheMiddleIsAnErrorOfWhoMeetsItAndIsTold) {
  open();
  const std::string id = create(2000);
  complete_all(claim_all(*store_));
  store_.reset();
  {
    std::fstream bytes(file_, std::ios::in | std::ios::out | std::ios::binary);
    const auto pages = std::filesystem::file_size(file_) / 4096;
    for (std::uint64_t page = 30; page < pages; ++page) {
      bytes.seekp(static_cast<std::streamoff>(page * 4096));
      bytes << std::string(4096, '\xee');
    }
  }
  open();
  std::optional<StoreError> error;
  for (std::uint32_t after = 0; after < 2000 && !error; after += 100) {
    const auto page = store_->results(id, after, 100);
    if (!page) error = page.error();
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::kUnavailable);
  EXPECT_THAT(error->message, HasSubstr("is damaged"));
  ASSERT_TRUE(store_->trouble());
  EXPECT_TRUE(store_->claim(1, endless_room)->empty());
}

TEST_F(SqliteStoreTest, AFolderThatCannotBeMadeOrIsTheFileIsRefused) {
  std::ofstream(folder_.path() / "state") << "a file where the folder should be";
  EXPECT_EQ(refused().code, Code::kUnavailable);
  file_ = folder_.path() / "folder";
  std::filesystem::create_directory(file_);
  EXPECT_EQ(refused().code, Code::kUnavailable);
}

// ---- schemas ----

TEST_F(SqliteStoreTest, AFileOfANewerCurlewIsRefused) {
  open();
  store_.reset();
  run_sql("PRAGMA user_version = 1000");
  const StoreError error = refused();
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("newer Curlew (schema 1000"));
}

TEST_F(SqliteStoreTest, AnOlderFileIsBroughtUpToDateStepByStep) {
  open();
  const std::string id = create(3);
  store_.reset();
  std::vector<const char*> migrations(sqlite_migrations().begin(), sqlite_migrations().end());
  const auto version = migrations.size();
  migrations.push_back("CREATE TABLE second (n INTEGER)");
  migrations.push_back("INSERT INTO second VALUES (7)");
  SqliteConnection connection(file_, 0ms);
  prepare_schema(connection, migrations);
  EXPECT_EQ(connection.number("PRAGMA user_version"), static_cast<std::int64_t>(version + 2));
  EXPECT_EQ(connection.number("SELECT n FROM second"), 7);
  EXPECT_EQ(connection.number("SELECT count(*) FROM items"), 3);
}

TEST_F(SqliteStoreTest, ABatchOfAnEarlierSchemaHasNoPublisherAndNoThumbnails) {
  for (const char* back : {"ALTER TABLE batches DROP COLUMN thumbnail; PRAGMA user_version = 2",
                           "ALTER TABLE batches DROP COLUMN thumbnail; ALTER TABLE batches DROP COLUMN publisher; "
                           "PRAGMA user_version = 1"}) {
    open();
    const std::string id = create(3);
    store_.reset();
    run_sql(back);
    open();
    const auto status = store_->status(id);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->options, BatchOptions{.model = "birds"}) << back;
    complete_all(claim_all(*store_));
    EXPECT_EQ(store_->status(id)->phase, Phase::kDone);
    store_.reset();
  }
}

TEST_F(SqliteStoreTest, AMigrationThatFailsLeavesTheFileAsItWas) {
  open();
  store_.reset();
  std::vector<const char*> migrations(sqlite_migrations().begin(), sqlite_migrations().end());
  migrations.push_back("CREATE TABLE second (n INTEGER); no SQL");
  EXPECT_THROW(
      {
        SqliteConnection connection(file_, 0ms);
        prepare_schema(connection, migrations);
      },
      SqliteFailure);
  open();
  create(1);
}

// ---- trouble that passes ----

/// Keeps the file locked against other writers while it lives.
class OtherProgram {
 public:
  explicit OtherProgram(const std::filesystem::path& file) : connection_(file, 1000ms) {
    connection_.run("BEGIN IMMEDIATE");
  }

 private:
  SqliteConnection connection_;
};

TEST_F(SqliteStoreTest, WhileAnotherProgramHoldsTheFileResultsWaitAndNothingIsGivenOut) {
  open();
  const std::string id = create(10);
  const auto claims = *store_->claim(5, endless_room);
  std::atomic<int> told_of_work = 0;
  store_->set_on_work([&] { ++told_of_work; });
  auto other = std::make_unique<OtherProgram>(file_);
  const auto created = store_->create(some_batch(1));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, Code::kUnavailable);
  EXPECT_THAT(created.error().message, HasSubstr("another program has locked"));
  ASSERT_TRUE(store_->trouble());
  auto completed = store_->complete({result_of(claims[0])});
  EXPECT_TRUE(store_->claim(1, endless_room)->empty());
  EXPECT_FALSE(store_->cancel(id));
  EXPECT_EQ(store_->status(id)->done, 0U);  // reading goes on
  EXPECT_EQ(store_->counts().unwritten_results, 1U);
  other.reset();
  EXPECT_EQ(completed.get(), std::vector{Completion::kKept});
  EXPECT_TRUE(eventually([&] { return !store_->trouble() && told_of_work > 0; }));
  EXPECT_EQ(store_->claim(100, endless_room)->size(), 5U);  // what could not be cancelled waits as before
  EXPECT_EQ(store_->status(id)->phase, Phase::kRunning);
  EXPECT_TRUE(store_->create(some_batch(1)));
}

TEST_F(SqliteStoreTest, TroublePassesThoughNobodyWritesAnything) {
  open();
  auto other = std::make_unique<OtherProgram>(file_);
  EXPECT_FALSE(store_->create(some_batch(1)));
  EXPECT_TRUE(store_->trouble());
  other.reset();
  EXPECT_TRUE(eventually([&] { return !store_->trouble(); }));
}

TEST_F(SqliteStoreTest, ARequestIsInFlightUntilItsBatchIsKept) {
  busy_wait_ = 10s;
  open();
  auto other = std::make_unique<OtherProgram>(file_);
  std::vector<std::future<std::optional<Code>>> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(std::async(std::launch::async, [&]() -> std::optional<Code> {
      const auto created = store_->create(keyed("key", "print"));
      if (!created) other.reset();  // the other request may go on now
      return created ? std::nullopt : std::optional(created.error().code);
    }));
  }
  EXPECT_THAT((std::vector{clients[0].get(), clients[1].get()}),
              testing::UnorderedElementsAre(std::nullopt, Code::kKeyInFlight));
}

/// A disk with little room, or where none can be mounted a limit on the size of files.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    is_mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=1m") == 0;
    if (is_mounted_) return;
    std::cout << "no file system can be mounted here: the size of files is limited instead\n";
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &unlimited_);
    limit(kMiB);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (is_mounted_) {
      ::umount2(folder_.c_str(), MNT_DETACH);
    } else {
      limit(unlimited_.rlim_cur);
    }
  }

  void grow() {
    if (is_mounted_) {
      ASSERT_EQ(::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, "size=64m"), 0);
    } else {
      limit(unlimited_.rlim_cur);
    }
  }

 private:
  void limit(rlim_t bytes) const {
    rlimit changed = unlimited_;
    changed.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &changed);
  }

  std::filesystem::path folder_;
  bool is_mounted_ = false;
  rlimit unlimited_{};
};

TEST_F(SqliteStoreTest, AFullDiskIsToldAndPassesWhenThereIsRoomAgain) {
  SmallDisk disk(file_.parent_path());
  open();
  std::vector<std::string> kept = {create(200)};
  const auto claims = *store_->claim(200, endless_room);
  StoreResult<Created> created;
  while ((created = store_->create(some_batch(200)))) kept.push_back(created->status.id);
  EXPECT_EQ(created.error().code, Code::kUnavailable);
  for (const std::string& id : kept) EXPECT_EQ(store_->status(id)->total, 200U);
  std::vector<ItemResult> results;  // more than the disk has
  for (const Claim& claim : claims) {
    results.push_back(result_of(claim));
    results.back().outcome = make_error(ErrorCode::kInternal, std::string(10'000, 'x'));
  }
  auto completed = store_->complete(std::move(results));
  // What is urgent has the results tried with it: with the second, they have failed at least once.
  EXPECT_FALSE(store_->create(some_batch(200)));
  EXPECT_FALSE(store_->create(some_batch(200)));
  EXPECT_TRUE(store_->trouble());
  EXPECT_TRUE(store_->claim(1, endless_room)->empty());
  EXPECT_EQ(store_->status(kept[0])->done, 0U);
  EXPECT_EQ(store_->counts().unwritten_results, 200U);
  disk.grow();
  EXPECT_EQ(completed.get(), std::vector(200, Completion::kKept));
  EXPECT_TRUE(eventually([&] { return !store_->trouble(); }));
  EXPECT_TRUE(store_->create(some_batch(5000)));
  complete_all(claim_all(*store_));
  for (const std::string& id : kept) EXPECT_EQ(store_->status(id)->phase, Phase::kDone);
  store_.reset();
}

// ---- room ----

TEST_F(SqliteStoreTest, TheFileShrinksWhenBatchesHaveExpired) {
  open();
  for (int i = 0; i < 5; ++i) create(2000);
  complete_all(claim_all(*store_));
  calendar_.advance(24h);
  EXPECT_EQ(*store_->expire(), 5U);
  const auto bytes = [&] {
    return std::filesystem::file_size(file_) + std::filesystem::file_size(file_.string() + "-wal");
  };
  EXPECT_TRUE(eventually([&] { return bytes() < 100'000; })) << bytes();
}

TEST_F(SqliteStoreTest, NothingIsGivenOutWhileTooManyResultsAreUnwritten) {
  busy_wait_ = 10s;
  open();
  create(3000);
  std::atomic<bool> told = false;
  const auto claims = *store_->claim(kMaxUnwrittenResults, endless_room);
  store_->set_on_work([&] { told = true; });
  auto other = std::make_unique<OtherProgram>(file_);
  std::vector<ItemResult> results;
  for (const Claim& claim : claims) results.push_back(result_of(claim));
  auto completed = store_->complete(std::move(results));
  EXPECT_FALSE(store_->trouble());  // the writer waits
  EXPECT_TRUE(store_->claim(1, endless_room)->empty());
  other.reset();
  completed.get();
  EXPECT_TRUE(eventually([&] { return told.load(); }));
  EXPECT_EQ(store_->claim(1, endless_room)->size(), 1U);
}

}  // namespace
}  // namespace curlew::testing_store
