#include "curlew/base/service_metrics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/metric_families.hpp"

namespace curlew {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

std::string in_words(const MetricFamily& family) {
  return fmt::format("{} {}{{{}}}", metric_type_name(family.type), family.name, fmt::join(family.labels, ","));
}

TEST(MetricFamilies, AreThoseThatClientsDependOn) {
  std::vector<std::string> families;
  for (const MetricFamily& family : metric_families()) families.push_back(in_words(family));
  EXPECT_THAT(
      families,
      testing::UnorderedElementsAre(
          "counter curlew_items_total{task,outcome,code}", "histogram curlew_stage_duration_seconds{stage}",
          "gauge curlew_queue_depth{}", "gauge curlew_items_in_flight{stage}", "counter curlew_batches_total{status}",
          "counter curlew_rejected_total{reason}", "counter curlew_fetch_blocked_total{reason}",
          "counter curlew_fetches_joined_total{}", "counter curlew_answer_cache_lookups_total{result}",
          "gauge curlew_answer_cache_bytes{}", "counter curlew_http_requests_total{route,code}",
          "gauge curlew_model_info{task,model,sha256}", "gauge curlew_build_info{version}",
          "gauge process_resident_memory_bytes{}", "counter process_cpu_seconds_total{}"));
}

TEST(MetricFamilies, AreWellFormed) {
  const std::regex name("[a-z_][a-z0-9_]*");
  std::set<std::string_view> names;
  for (const MetricFamily& family : metric_families()) {
    SCOPED_TRACE(family.name);
    EXPECT_TRUE(names.insert(family.name).second) << "twice";
    EXPECT_TRUE(std::regex_match(std::string(family.name), name));
    EXPECT_EQ(family.name.ends_with("_total"), family.type == MetricType::kCounter);
    EXPECT_FALSE(family.help.empty());
    EXPECT_GE(family.max_series, 1U);
    EXPECT_EQ(family.bounds.empty(), family.type != MetricType::kHistogram);
    EXPECT_TRUE(std::is_sorted(family.bounds.begin(), family.bounds.end(), std::less_equal<>()));
    for (const std::string_view label : family.labels) {
      EXPECT_TRUE(std::regex_match(std::string(label), name) && label != "le" && !label.starts_with("__")) << label;
    }
  }
}

TEST(ServiceMetrics, EveryFamilyAndEachKindOfItemIsThereFromTheStart) {
  const std::string text = ServiceMetrics().text();
  for (const MetricFamily& family : metric_families()) {
    EXPECT_THAT(text, HasSubstr(fmt::format("# HELP {0} {1}\n# TYPE {0} ", family.name, family.help)));
  }
  for (const std::string task : {"classify", "detect"}) {
    EXPECT_THAT(text, HasSubstr(fmt::format("curlew_items_total{{task=\"{}\",outcome=\"ok\",code=\"\"}} 0\n", task)));
    for (const ErrorInfo& row : error_table()) {
      EXPECT_THAT(text, HasSubstr(fmt::format("curlew_items_total{{task=\"{}\",outcome=\"error\",code=\"{}\"}} 0\n",
                                              task, row.wire_name)));
    }
  }
  for (const std::string_view stage : kStageNames) {
    EXPECT_THAT(text, HasSubstr(fmt::format("curlew_stage_duration_seconds_count{{stage=\"{}\"}} 0\n", stage)));
  }
}

TEST(ServiceMetrics, CountsItemsAndTheStagesThatTheyReached) {
  ServiceMetrics metrics;
  metrics.item_done("classify", std::nullopt, {.queue = 0.002, .fetch = 0.2, .decode = 0.0004, .infer = 0.003});
  metrics.item_done("detect", ErrorCode::kTimeout, {.queue = 0.001, .fetch = 30});
  metrics.item_done("detect", ErrorCode::kInternal, {});
  metrics.stage_took(Stage::kPublish, 0.01);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("{task=\"classify\",outcome=\"ok\",code=\"\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{task=\"detect\",outcome=\"ok\",code=\"\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("{task=\"detect\",outcome=\"error\",code=\"timeout\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{task=\"detect\",outcome=\"error\",code=\"internal\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_count{stage=\"queue\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{stage=\"fetch\",le=\"10\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{stage=\"fetch\",le=\"30\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{stage=\"decode\",le=\"0.0005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_count{stage=\"infer\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_sum{stage=\"publish\"} 0.01\n"));
}

TEST(ServiceMetrics, CountsATaskThatItDoesNotKnow) {
  ServiceMetrics metrics;
  metrics.item_done("segment", ErrorCode::kExpired, {});
  EXPECT_THAT(metrics.text(), HasSubstr("{task=\"segment\",outcome=\"error\",code=\"expired\"} 1\n"));
}

TEST(ServiceMetrics, EachFunctionCountsInItsFamily) {
  ServiceMetrics metrics;
  metrics.batch("queued");
  metrics.rejected("full");
  metrics.fetch_blocked("address");
  metrics.http_request("batches", 202);
  metrics.http_request("batches", 202);
  metrics.http_request("none", 0);
  metrics.model_in_use("classify", "birds", "95f5");
  metrics.build("0.1.0");
  metrics.in_flight(Stage::kInfer).add(2);
  metrics.read_in_flight(Stage::kFetch, [] { return 64; });
  metrics.read_queue_depth([] { return 1e6; });
  const std::string text = metrics.text();
  for (const char* line : {
           "curlew_batches_total{status=\"queued\"} 1",
           "curlew_rejected_total{reason=\"full\"} 1",
           "curlew_fetch_blocked_total{reason=\"address\"} 1",
           "curlew_http_requests_total{route=\"batches\",code=\"202\"} 2",
           "curlew_http_requests_total{route=\"none\",code=\"none\"} 1",
           "curlew_model_info{task=\"classify\",model=\"birds\",sha256=\"95f5\"} 1",
           "curlew_build_info{version=\"0.1.0\"} 1",
           "curlew_items_in_flight{stage=\"infer\"} 2",
           "curlew_items_in_flight{stage=\"fetch\"} 64",
           "curlew_queue_depth 1000000",
       }) {
    EXPECT_THAT(text, HasSubstr(fmt::format("\n{}\n", line)));
  }
}

TEST(ServiceMetrics, ReadsMemoryAndTimeOfThisProcess) {
  const std::string text = ServiceMetrics().text();
  EXPECT_THAT(text, ContainsRegex("\nprocess_resident_memory_bytes [1-9][0-9]+\n"));
  EXPECT_THAT(text, ContainsRegex("\nprocess_cpu_seconds_total [0-9.]+\n"));
}

}  // namespace
}  // namespace curlew
