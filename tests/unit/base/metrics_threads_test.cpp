// Many threads at once; run under ThreadSanitizer too.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "curlew/base/metrics.hpp"
#include "curlew/base/service_metrics.hpp"

namespace curlew {
namespace {

constexpr std::size_t kThreads = 4;
constexpr std::uint64_t kTimes = 20000;

constexpr std::array<std::string_view, 1> kLabel{"what"};
constexpr std::array<double, 2> kBounds{1, 2};
constexpr std::array<MetricFamily, 3> kFamilies{{
    {"birds_total", MetricType::kCounter, "Birds.", kLabel, {}, 5},
    {"wind", MetricType::kGauge, "Wind."},
    {"flight_seconds", MetricType::kHistogram, "Flights.", {}, kBounds},
}};

/// The number of the sample that begins with `start`; 0 where there is none yet.
std::uint64_t sample(const std::string& text, const std::string& start) {
  const auto line = text.find("\n" + start + " ");
  if (line == std::string::npos) return 0;
  const std::size_t begin = line + 1 + start.size() + 1;
  std::uint64_t value = 0;
  std::from_chars(text.data() + begin, text.data() + text.size(), value);
  return value;
}

TEST(MetricsThreads, WhatAllAddIsTheSum) {
  MetricRegistry registry(kFamilies);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        Counter& birds = registry.counter("birds_total", {"curlew"});
        Gauge& wind = registry.gauge("wind");
        Histogram& flights = registry.histogram("flight_seconds");
        for (std::uint64_t time = 0; time < kTimes; ++time) {
          birds.add();
          wind.add(time % 2 == 0 ? 1 : -1);
          flights.observe(static_cast<double>(time % 4));
        }
      });
    }
  }
  EXPECT_EQ(registry.counter("birds_total", {"curlew"}).value(), kThreads * kTimes);
  EXPECT_EQ(registry.gauge("wind").value(), 0);
  const auto flights = registry.histogram("flight_seconds").snapshot();
  EXPECT_EQ(flights.cumulative,
            (std::vector<std::uint64_t>{kThreads * kTimes / 2, kThreads * kTimes * 3 / 4, kThreads * kTimes}));
  EXPECT_EQ(flights.sum, static_cast<double>(kThreads * kTimes) * 1.5);
}

TEST(MetricsThreads, SeriesMadeAtOnceKeepToTheLimit) {
  MetricRegistry registry(kFamilies);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int name = 0; name < 100; ++name) registry.counter("birds_total", {std::to_string(name % 50)}).add();
      });
    }
  }
  const std::string text = registry.prometheus_text();
  std::uint64_t all = sample(text, "birds_total{what=\"other\"}");
  std::size_t series = all > 0 ? 1 : 0;
  for (int name = 0; name < 50; ++name) {
    const std::uint64_t count = sample(text, "birds_total{what=\"" + std::to_string(name) + "\"}");
    all += count;
    series += count > 0 ? 1 : 0;
  }
  EXPECT_EQ(all, kThreads * 100) << "none is lost";
  EXPECT_EQ(series, 6U);
}

TEST(MetricsThreads, ATextWrittenMeanwhileIsWholeAndNeverFalls) {
  ServiceMetrics metrics;
  Gauge& fetching = metrics.in_flight(Stage::kFetch);
  std::atomic<std::size_t> running{kThreads};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t time = 0; time < kTimes / 10; ++time) {
        fetching.add(1);
        metrics.item_done("classify", std::nullopt, {.fetch = 0.25});
        metrics.http_request("classify", time % 2 == 0 ? 200 : 503);
        fetching.add(-1);
      }
      --running;
    });
  }
  std::uint64_t items = 0;
  std::uint64_t fetches = 0;
  bool last = false;
  while (!last) {
    last = running == 0;
    const std::string text = metrics.text();
    const std::uint64_t items_now = sample(text, R"(curlew_items_total{task="classify",outcome="ok",code=""})");
    const std::uint64_t fetches_now = sample(text, R"(curlew_stage_duration_seconds_count{stage="fetch"})");
    ASSERT_EQ(sample(text, R"(curlew_stage_duration_seconds_bucket{stage="fetch",le="+Inf"})"), fetches_now);
    ASSERT_GE(items_now, items);
    ASSERT_GE(fetches_now, fetches);
    items = items_now;
    fetches = fetches_now;
  }
  EXPECT_EQ(items, kThreads * kTimes / 10);
  EXPECT_EQ(fetches, kThreads * kTimes / 10);
  EXPECT_EQ(fetching.value(), 0);
}

}  // namespace
}  // namespace curlew
