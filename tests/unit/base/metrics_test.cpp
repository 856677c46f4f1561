#include "curlew/base/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace curlew {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr std::array<std::string_view, 2> kTwoLabels{"where", "what"};
constexpr std::array<std::string_view, 1> kOneLabel{"what"};
constexpr std::array<double, 3> kBounds{0.5, 1, 2.5};

constexpr std::array<MetricFamily, 6> kFamilies{{
    {"birds_total", MetricType::kCounter, "Birds\nseen.", kTwoLabels, {}, 10},
    {"wind", MetricType::kGauge, "Wind in m/s."},
    {"flight_seconds", MetricType::kHistogram, "Flights.", kOneLabel, kBounds, 10},
    {"dive_seconds", MetricType::kHistogram, "Dives.", {}, kBounds},
    {"few_total", MetricType::kCounter, "Few.", kTwoLabels, {}, 2},
    {"steps_total", MetricType::kCounter, "Steps."},
}};

/// The lines of one family.
std::string lines_of(const MetricRegistry& registry, const std::string& name) {
  const std::string text = registry.prometheus_text();
  const auto begin = text.find("# HELP " + name + " ");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find("# HELP ", begin + 1) - begin);
}

TEST(Metrics, EveryFamilyHasHelpAndTypeFromTheStart) {
  EXPECT_EQ(MetricRegistry(kFamilies).prometheus_text(),
            "# HELP birds_total Birds\\nseen.\n# TYPE birds_total counter\n"
            "# HELP wind Wind in m/s.\n# TYPE wind gauge\n"
            "# HELP flight_seconds Flights.\n# TYPE flight_seconds histogram\n"
            "# HELP dive_seconds Dives.\n# TYPE dive_seconds histogram\n"
            "# HELP few_total Few.\n# TYPE few_total counter\n"
            "# HELP steps_total Steps.\n# TYPE steps_total counter\n");
}

TEST(Metrics, TheWholeTextIsAsTheFormatHasIt) {
  const auto first_four = std::span<const MetricFamily>(kFamilies).first(4);
  MetricRegistry registry(first_four);
  registry.counter("birds_total", {"shore", "curlew \"grey\""}).add(3);
  registry.counter("birds_total", {"moor", ""}).add();
  registry.gauge("wind").set(3.5);
  registry.histogram("flight_seconds", {"up"}).observe(0.75);
  registry.histogram("dive_seconds").observe(4);
  EXPECT_EQ(registry.prometheus_text(), R"(# HELP birds_total Birds\nseen.
# TYPE birds_total counter
birds_total{where="moor",what=""} 1
birds_total{where="shore",what="curlew \"grey\""} 3
# HELP wind Wind in m/s.
# TYPE wind gauge
wind 3.5
# HELP flight_seconds Flights.
# TYPE flight_seconds histogram
flight_seconds_bucket{what="up",le="0.5"} 0
flight_seconds_bucket{what="up",le="1"} 1
flight_seconds_bucket{what="up",le="2.5"} 1
flight_seconds_bucket{what="up",le="+Inf"} 1
flight_seconds_sum{what="up"} 0.75
flight_seconds_count{what="up"} 1
# HELP dive_seconds Dives.
# TYPE dive_seconds histogram
dive_seconds_bucket{le="0.5"} 0
dive_seconds_bucket{le="1"} 0
dive_seconds_bucket{le="2.5"} 0
dive_seconds_bucket{le="+Inf"} 1
dive_seconds_sum 4
dive_seconds_count 1
)");
}

TEST(Metrics, ABucketHoldsItsBoundAndAllBelow) {
  Histogram histogram(kBounds);
  for (const double amount : {0.0, 0.5, 0.5000001, 1.0, 2.5, 2.5000001, 1000.0}) histogram.observe(amount);
  const auto seen = histogram.snapshot();
  EXPECT_THAT(seen.cumulative, testing::ElementsAre(2, 4, 5, 7));
  EXPECT_DOUBLE_EQ(seen.sum, 1007.0000002);
}

TEST(Metrics, AHistogramLeavesOutWhatItsSumCouldNotBear) {
  Histogram histogram(kBounds);
  for (const double amount :
       {-0.1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    histogram.observe(amount);
  }
  EXPECT_THAT(histogram.snapshot().cumulative, testing::Each(0));
  EXPECT_EQ(histogram.snapshot().sum, 0);
}

TEST(Metrics, AGaugeRisesFallsAndMayBeNoNumber) {
  MetricRegistry registry(kFamilies);
  Gauge& wind = registry.gauge("wind");
  wind.add(2);
  wind.add(-3);
  EXPECT_THAT(lines_of(registry, "wind"), EndsWith("\nwind -1\n"));
  wind.set(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(lines_of(registry, "wind"), EndsWith("\nwind NaN\n"));
  wind.set(-std::numeric_limits<double>::infinity());
  EXPECT_THAT(lines_of(registry, "wind"), EndsWith("\nwind -Inf\n"));
}

TEST(Metrics, ACounterKeepsEveryUnit) {
  MetricRegistry registry(kFamilies);
  registry.counter("steps_total").add(9007199254740993);  // 2^53 + 1: not a double
  EXPECT_THAT(lines_of(registry, "steps_total"), EndsWith("\nsteps_total 9007199254740993\n"));
}

TEST(Metrics, TheSameLabelsAreTheSameSeries) {
  MetricRegistry registry(kFamilies);
  Counter& first = registry.counter("birds_total", {"a", "b"});
  EXPECT_EQ(&first, &registry.counter("birds_total", {"a", "b"}));
  EXPECT_NE(&first, &registry.counter("birds_total", {"b", "a"}));
  EXPECT_NE(&first, &registry.counter("birds_total", {"a\",what=\"b", ""})) << "a quote ends no value";
}

TEST(Metrics, SeriesBeyondTheLimitAreCountedTogether) {
  MetricRegistry registry(kFamilies);
  registry.counter("few_total", {"a", "1"}).add();
  registry.counter("few_total", {"a", "2"}).add();
  registry.counter("few_total", {"a", "3"}).add();
  registry.counter("few_total", {"b", "4"}).add();
  registry.counter("few_total", {"a", "1"}).add();
  EXPECT_EQ(lines_of(registry, "few_total"), R"(# HELP few_total Few.
# TYPE few_total counter
few_total{where="a",what="1"} 2
few_total{where="a",what="2"} 1
few_total{where="other",what="other"} 2
)");
}

TEST(Metrics, ANumberIsReadWhenTheTextIsWritten) {
  MetricRegistry registry(kFamilies);
  std::optional<double> wind = 1;
  registry.read_at_scrape("wind", {}, [&] { return wind; });
  EXPECT_THAT(lines_of(registry, "wind"), EndsWith("\nwind 1\n"));
  wind = 0.25;
  EXPECT_THAT(lines_of(registry, "wind"), EndsWith("\nwind 0.25\n"));
  wind.reset();
  EXPECT_THAT(lines_of(registry, "wind"), EndsWith("# TYPE wind gauge\n")) << "no sample where there is no number";
}

TEST(Metrics, ACounterThatIsReadNeverFalls) {
  MetricRegistry registry(kFamilies);
  std::optional<double> steps = 5;
  registry.read_at_scrape("steps_total", {}, [&] { return steps; });
  EXPECT_THAT(lines_of(registry, "steps_total"), EndsWith("\nsteps_total 5\n"));
  steps = 4;
  EXPECT_THAT(lines_of(registry, "steps_total"), EndsWith("\nsteps_total 5\n"));
  steps = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(lines_of(registry, "steps_total"), EndsWith("\nsteps_total 5\n"));
  steps = 5.5;
  EXPECT_THAT(lines_of(registry, "steps_total"), EndsWith("\nsteps_total 5.5\n"));
}

TEST(Metrics, AReadingMayAskForSeries) {
  MetricRegistry registry(kFamilies);
  registry.read_at_scrape("wind", {}, [&] {
    registry.counter("birds_total", {"asked", "while reading"}).add();
    return 1.0;
  });
  EXPECT_THAT(lines_of(registry, "wind"), EndsWith("\nwind 1\n")) << "no lock is held";
  EXPECT_THAT(registry.prometheus_text(), HasSubstr("birds_total{where=\"asked\",what=\"while reading\"} 1\n"));
}

TEST(Metrics, WhatTheTableDoesNotHaveAborts) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  MetricRegistry registry(kFamilies);
  EXPECT_DEATH(registry.counter("bird_total", {"a", "b"}), "");
  EXPECT_DEATH(registry.counter("wind"), "") << "a gauge";
  EXPECT_DEATH(registry.counter("birds_total", {"a"}), "") << "a label is missing";
  registry.gauge("wind");
  EXPECT_DEATH(registry.read_at_scrape("wind", {}, [] { return 1.0; }), "") << "it is there already";
}

}  // namespace
}  // namespace curlew
