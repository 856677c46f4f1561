// Children that work with a store and are killed at any moment: what they were told is kept is there afterwards.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "contract/job_store_fixture.hpp"
#include "curlew/base/unique_fd.hpp"
#include "curlew/store/sqlite_store.hpp"

namespace curlew::testing_store {
namespace {

/// What children have been told is durable.
struct Promised {
  std::map<std::string, std::size_t> batches;                             ///< id -> items
  std::map<std::string, std::map<std::uint32_t, std::uint32_t>> results;  ///< id -> sequence -> index
  std::map<std::string, std::string> requests;                            ///< idempotency key -> id

  void add(const std::string& line) {
    std::istringstream words(line);
    std::string what;
    std::string id;
    words >> what >> id;
    if (what == "created") {
      std::string key;
      words >> batches[id] >> key;
      requests[key] = id;
    } else {
      std::uint32_t sequence = 0;
      words >> sequence >> results[id][sequence];
      ASSERT_FALSE(words.fail()) << line;
    }
  }
};

std::unique_ptr<JobStore> open_store(const std::filesystem::path& file) {
  auto opened = open_sqlite_store({.file = file, .limits = {}});
  if (!opened) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

void tell(int fd, const std::string& line) {
  if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(3);
}

/// The child: makes batches, works on them, and tells of each thing once the store has told it. Never returns.
[[noreturn]] void work(const std::filesystem::path& file, int fd, unsigned seed) {
  const auto store = open_store(file);
  store->set_on_results([&](const NewResults& news) {
    for (const KeptResult& kept : news.results) {
      tell(fd, fmt::format("result {} {} {}\n", news.status.id, kept.sequence, kept.result.index));
    }
  });
  const std::jthread worker([&] {
    for (std::mt19937 random(seed);;) {
      const auto claims = store->claim(1 + random() % 10, endless_room);
      if (!claims) ::_exit(4);
      for (const Claim& claim : *claims) store->complete({random_result(claim, random)});
      if (claims->empty()) std::this_thread::yield();
    }
  });
  std::mt19937 random(seed + 1);
  for (unsigned i = 0;; ++i) {
    NewBatch batch = some_batch(1 + random() % 60);
    const std::string key = fmt::format("{}-{}", seed, i);
    batch.idempotency = {.key = key, .fingerprint = "print"};
    const auto created = store->create(std::move(batch));
    if (!created) ::_exit(5);
    tell(fd, fmt::format("created {} {} {}\n", created->status.id, created->status.total, key));
  }
}

/// Lets a child work until it has told of `lines` things, then stops it dead, copies its files to `copy`, kills it, and
/// reads to the end what it has told.
void work_and_die(const std::filesystem::path& file, const std::filesystem::path& copy, unsigned seed, int lines,
                  Promised& promised) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::alarm(60);  // should this process die first
    work(file, write_end.get(), seed);
  }
  write_end = UniqueFd();
  std::FILE* told = ::fdopen(::dup(read_end.get()), "r");
  char* line = nullptr;
  std::size_t room = 0;
  for (int i = 0; ::getline(&line, &room, told) > 0; ++i) {
    promised.add(line);
    if (i != lines) continue;
    ::kill(child, SIGSTOP);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
    ASSERT_TRUE(WIFSTOPPED(status)) << "the child ended by itself: " << status;
    for (const std::string ending : {"", "-wal"}) {
      std::filesystem::copy_file(file.string() + ending, copy.string() + ending,
                                 std::filesystem::copy_options::overwrite_existing);
    }
    ::kill(child, SIGKILL);
  }
  std::free(line);
  std::fclose(told);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
}

/// All that was promised is there, in its place, and nothing twice.
void expect_kept(const std::filesystem::path& file, const Promised& promised) {
  const auto store = open_store(file);
  for (const auto& [id, total] : promised.batches) {
    const auto status = store->status(id);
    ASSERT_TRUE(status) << id << ": " << status.error().message;
    EXPECT_EQ(status->total, total);
  }
  for (const auto& [key, id] : promised.requests) {
    NewBatch again = some_batch(1);
    again.idempotency = {.key = key, .fingerprint = "print"};
    const auto created = store->create(again);
    ASSERT_TRUE(created);
    EXPECT_EQ(created->status.id, id);
  }
  for (const auto& [id, results] : promised.results) {
    std::map<std::uint32_t, std::uint32_t> kept;
    for (const KeptResult& result : all_results(*store, id)) kept[result.sequence] = result.result.index;
    for (const auto& [sequence, index] : results) EXPECT_EQ(kept[sequence], index);
  }
}

/// What is left can be worked off, and each item then has one result.
void expect_can_be_finished(const std::filesystem::path& file, const Promised& promised) {
  const auto store = open_store(file);
  std::vector<ItemResult> results;
  for (const Claim& claim : claim_all(*store)) results.push_back(result_of(claim));
  for (const Completion completion : store->complete(results).get()) EXPECT_EQ(completion, Completion::kKept);
  for (const auto& [id, total] : promised.batches) {
    std::set<std::uint32_t> indexes;
    for (const KeptResult& kept : all_results(*store, id)) indexes.insert(kept.result.index);
    EXPECT_EQ(indexes.size(), total);
    EXPECT_EQ(store->status(id)->done, total);
  }
}

TEST(SqliteCrash, WhatWasAnsweredIsThereAfterEachKillAndNothingTwice) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "store.sqlite";
  const auto copy = folder.path() / "copy.sqlite";
  Promised promised;
  std::mt19937 random(std::random_device{}());
  for (unsigned round = 0; round < 8; ++round) {
    const auto seed = static_cast<unsigned>(random());
    SCOPED_TRACE(fmt::format("round {}, seed {}", round, seed));
    work_and_die(file, copy, seed, static_cast<int>(random() % 400), promised);
    if (testing::Test::HasFatalFailure()) return;
    expect_kept(file, promised);
  }
  EXPECT_FALSE(promised.batches.empty());
  EXPECT_FALSE(promised.results.empty());
  expect_can_be_finished(file, promised);
  // The copy is what the last child's disk held in the middle of its work.
  expect_kept(copy, promised);
  expect_can_be_finished(copy, promised);
}

}  // namespace
}  // namespace curlew::testing_store
