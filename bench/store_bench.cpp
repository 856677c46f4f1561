#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "curlew/store/memory_store.hpp"
#include "curlew/store/sqlite_store.hpp"

// What the stores cost: batches taken in, items claimed and completed, pages read. SQLite's file lies in TMPDIR: a
// memory disk there has no syncs.

namespace curlew {
namespace {

constexpr int kLargeBatch = 10'000;

/// A store, and its file for as long as it lives. Which one: 0 is memory, 1 is SQLite.
class Place {
 public:
  explicit Place(std::int64_t which) {
    if (which == 0) {
      store_ = make_memory_store({});
      return;
    }
    std::string name = (std::filesystem::temp_directory_path() / "curlew-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    auto opened = open_sqlite_store({.file = folder_ / "store.sqlite", .limits = {.queue_items = 100'000'000}});
    if (!opened) std::abort();
    store_ = *std::move(opened);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    store_.reset();
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  JobStore& store() { return *store_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<JobStore> store_;
};

NewBatch a_batch(int items) {
  NewBatch batch;
  batch.options.model = "birds";
  for (int i = 0; i < items; ++i) {
    batch.items.push_back(
        {.text = fmt::format("https://pictures.test/some/folder/of/birds/{:08}.jpg", i), .problem = {}});
  }
  return batch;
}

ItemResult a_result(const Claim& claim) {
  Success success;
  success.model = {.name = "birds", .sha256 = std::string(64, 'a')};
  success.image = {.width_px = 1920, .height_px = 1080, .bytes = 612'345, .sha256 = std::string(64, 'b')};
  for (int i = 0; i < 3; ++i) {
    success.answer.predictions.push_back(
        {.index = i, .label = "Phalacrocorax varius varius", .score = 0.8F, .box = std::nullopt});
  }
  return {.batch = claim.item.batch,
          .index = claim.item.index,
          .url = claim.item.text,
          .outcome = std::move(success),
          .timings = {}};
}

std::size_t room(const std::string& /*origin*/) { return 1000; }

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void create_batches(benchmark::State& state) {
  Place place(state.range(0));
  const NewBatch batch = a_batch(static_cast<int>(state.range(1)));
  for (auto _ : state) {
    if (!place.store().create(batch)) return state.SkipWithError("the store refuses");
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

/// One item after the other is claimed and completed, as the flow does it; all of them are durable at the end.
void claim_and_complete(benchmark::State& state) {
  Place place(state.range(0));
  double cpu = 0;
  for (auto _ : state) {
    state.PauseTiming();
    if (!place.store().create(a_batch(kLargeBatch))) return state.SkipWithError("the store refuses");
    const double before = cpu_seconds();
    state.ResumeTiming();
    for (int left = kLargeBatch; left > 0;) {
      const auto claims = place.store().claim(1, room);
      if (!claims) return state.SkipWithError("the store fails");
      if (claims->empty()) std::this_thread::yield();  // too many results wait to be written
      for (const Claim& claim : *claims) {
        auto completed = place.store().complete({a_result(claim)});
        if (--left == 0) completed.wait();
      }
    }
    cpu += cpu_seconds() - before;
  }
  const auto items = static_cast<double>(state.iterations()) * kLargeBatch;
  state.SetItemsProcessed(state.iterations() * kLargeBatch);
  state.counters["cpu_us_per_item"] = cpu * 1e6 / items;
}

void read_pages(benchmark::State& state) {
  Place place(state.range(0));
  const auto created = place.store().create(a_batch(kLargeBatch));
  std::vector<ItemResult> results;
  const auto claims = place.store().claim(kLargeBatch, [](const auto&) { return kLargeBatch; });
  for (const Claim& claim : *claims) {
    results.push_back(a_result(claim));
  }
  place.store().complete(std::move(results)).wait();
  for (auto _ : state) {
    for (std::uint32_t after = 0; after < kLargeBatch; after += 100) {
      auto page = place.store().results(created->status.id, after, 100);
      benchmark::DoNotOptimize(page);
    }
  }
  state.SetItemsProcessed(state.iterations() * kLargeBatch);
}

/// Results come as fast as a small machine gives them, and whoever listens reads each as soon as it is told of it.
void follow_a_batch(benchmark::State& state) {
  constexpr int kItems = 600;
  constexpr int kInFlight = 64;
  constexpr std::chrono::microseconds kEach{5000};
  double cpu = 0;
  for (auto _ : state) {
    Place place(state.range(0));
    JobStore& store = place.store();
    const auto created = store.create(a_batch(kItems));
    if (!created) return state.SkipWithError("the store refuses");
    std::uint32_t read = 0;
    std::promise<void> done;
    store.set_on_results([&](const NewResults& fresh) {
      const auto page = store.results(fresh.status.id, read, 100);
      if (!page || page->results.empty()) return;
      read = page->results.back().sequence;
      if (page->status.ended() && read == kItems) done.set_value();
    });
    const double before = cpu_seconds();
    std::deque<Claim> in_flight;
    auto next = std::chrono::steady_clock::now();
    for (int left = kItems; left > 0; --left) {
      while (in_flight.size() < kInFlight) {
        auto claims = store.claim(1, room);
        if (!claims || claims->empty()) break;
        in_flight.push_back(std::move(claims->front()));
      }
      std::this_thread::sleep_until(next += kEach);
      store.complete({a_result(in_flight.front())});
      in_flight.pop_front();
    }
    done.get_future().wait();
    cpu += cpu_seconds() - before;
    store.set_on_results({});
  }
  state.counters["cpu_us_per_item"] = cpu * 1e6 / (static_cast<double>(state.iterations()) * kItems);
}

BENCHMARK(create_batches)
    ->ArgNames({"sqlite", "items"})
    ->ArgsProduct({{0, 1}, {1, kLargeBatch}})
    ->UseRealTime()
    ->MinTime(0.5);
BENCHMARK(claim_and_complete)
    ->ArgNames({"sqlite"})
    ->Arg(0)
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);
BENCHMARK(follow_a_batch)
    ->ArgNames({"sqlite"})
    ->Arg(0)
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2);
BENCHMARK(read_pages)
    ->ArgNames({"sqlite"})
    ->Arg(0)
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);

}  // namespace
}  // namespace curlew

BENCHMARK_MAIN();
