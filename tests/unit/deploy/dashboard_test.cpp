// The dashboard asks for metrics by name: what it asks for is there, and what is there it shows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "curlew/base/metric_families.hpp"

namespace curlew {
namespace {

using nlohmann::json;

json dashboard() {
  std::ifstream file(CURLEW_DASHBOARD);
  return json::parse(file);
}

/// Each text that Prometheus is asked with: those of the panels, and those that fill the variables.
std::vector<std::string> expressions(const json& board) {
  std::vector<std::string> out;
  for (const json& panel : board.at("panels")) {
    for (const json& target : panel.at("targets")) out.push_back(target.at("expr"));
  }
  for (const json& variable : board.at("templating").at("list")) {
    if (variable.at("type") == "query") out.push_back(variable.at("query").at("query"));
  }
  return out;
}

/// What an expression names.
struct Names {
  std::set<std::string> metrics;
  std::set<std::string> labels;
};

void take_words(Names& names, std::set<std::string> Names::*where, const std::string& text) {
  static const std::regex word("[A-Za-z_:][A-Za-z0-9_:]*");
  static const std::set<std::string> operators{"by",  "without", "on",     "ignoring", "group_left", "group_right",
                                               "and", "or",      "unless", "offset",   "bool"};
  for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) {
    if (!operators.contains(at->str())) (names.*where).insert(at->str());
  }
}

/// Cuts what `pattern` finds out of `text`, and takes the words of its first group as labels.
void cut_labels(Names& names, std::string& text, const char* pattern) {
  const std::regex form(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
    take_words(names, &Names::labels, (*at)[1]);
  }
  text = std::regex_replace(text, form, " ");
}

Names names_in(const std::string& expression) {
  Names names;
  std::string text = std::regex_replace(expression, std::regex("\"[^\"]*\""), "");
  text = std::regex_replace(text, std::regex(R"(\[[^\]]*\])"), " ");
  cut_labels(names, text, R"(\{([^}]*)\})");
  cut_labels(names, text, R"(\b(?:by|without|on|ignoring)\s*\(([^)]*)\))");
  // label_values(METRIC, LABEL) is Grafana's own.
  cut_labels(names, text, R"(,\s*([a-z]+)\)$)");
  text = std::regex_replace(text, std::regex(R"([a-z_]+\s*\()"), "(");
  take_words(names, &Names::metrics, text);
  return names;
}

/// Each name that a sample may have, and the family that it is of.
std::map<std::string, const MetricFamily*> sample_names() {
  std::map<std::string, const MetricFamily*> out;
  for (const MetricFamily& family : metric_families()) {
    const std::string name(family.name);
    if (family.type == MetricType::kHistogram) {
      for (const char* ending : {"_bucket", "_sum", "_count"}) out[name + ending] = &family;
    } else {
      out[name] = &family;
    }
  }
  return out;
}

TEST(Dashboard, TheTestReadsExpressions) {
  const Names names = names_in(
      R"(60 * histogram_quantile(0.5, sum by (stage, le) (rate(a_bucket{job="x y", instance=~"$i"}[5m]))) > 0 and on (pod) b)");
  EXPECT_THAT(names.metrics, testing::ElementsAre("a_bucket", "b"));
  EXPECT_THAT(names.labels, testing::ElementsAre("instance", "job", "le", "pod", "stage"));
  EXPECT_THAT(names_in("label_values(c, version)").metrics, testing::ElementsAre("c"));
}

TEST(Dashboard, AsksOnlyForMetricsThatThereAre) {
  const auto samples = sample_names();
  for (const std::string& expression : expressions(dashboard())) {
    for (const std::string& metric : names_in(expression).metrics) {
      EXPECT_TRUE(samples.contains(metric)) << metric << " in " << expression;
    }
  }
}

TEST(Dashboard, AsksOnlyForLabelsThatTheMetricsHave) {
  const auto samples = sample_names();
  for (const std::string& expression : expressions(dashboard())) {
    const Names names = names_in(expression);
    std::set<std::string> known{"instance", "job"};  // what Prometheus adds
    for (const std::string& metric : names.metrics) {
      ASSERT_TRUE(samples.contains(metric)) << metric;
      const MetricFamily& family = *samples.at(metric);
      known.insert(family.labels.begin(), family.labels.end());
      if (metric.ends_with("_bucket")) known.insert("le");
    }
    for (const std::string& label : names.labels) EXPECT_TRUE(known.contains(label)) << label << " in " << expression;
  }
}

TEST(Dashboard, ShowsEveryFamily) {
  const json board = dashboard();
  const auto samples = sample_names();
  std::set<std::string_view> shown;
  for (const json& panel : board.at("panels")) {
    for (const json& target : panel.at("targets")) {
      for (const std::string& metric : names_in(target.at("expr")).metrics) {
        if (samples.contains(metric)) shown.insert(samples.at(metric)->name);
      }
    }
  }
  for (const MetricFamily& family : metric_families()) EXPECT_TRUE(shown.contains(family.name)) << family.name;
}

TEST(Dashboard, AsksForItsDataSourceWhenItIsImported) {
  const json board = dashboard();
  ASSERT_EQ(board.at("__inputs").size(), 1U);
  EXPECT_EQ(board.at("__inputs")[0].at("pluginId"), "prometheus");
  EXPECT_TRUE(board.at("id").is_null()) << "an identity of one Grafana's";
  const std::string source = "${" + board.at("__inputs")[0].at("name").get<std::string>() + "}";
  for (const json& panel : board.at("panels")) {
    EXPECT_EQ(panel.at("datasource").at("uid"), source);
    for (const json& target : panel.at("targets")) EXPECT_EQ(target.at("datasource").at("uid"), source);
  }
  for (const json& variable : board.at("templating").at("list")) {
    EXPECT_EQ(variable.at("datasource").at("uid"), source);
  }
}

TEST(Dashboard, EachPanelHasItsOwnNumberAndPlace) {
  constexpr int kColumns = 24;
  const json board = dashboard();
  std::set<int> ids;
  std::set<std::pair<int, int>> taken;
  for (const json& panel : board.at("panels")) {
    EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second) << panel.at("title");
    const json& place = panel.at("gridPos");
    const int right = place.at("x").get<int>() + place.at("w").get<int>();
    const int bottom = place.at("y").get<int>() + place.at("h").get<int>();
    EXPECT_LE(right, kColumns) << panel.at("title");
    for (int x = place.at("x"); x < right; ++x) {
      for (int y = place.at("y"); y < bottom; ++y) {
        EXPECT_TRUE(taken.emplace(x, y).second) << panel.at("title") << " lies over another";
      }
    }
  }
}

}  // namespace
}  // namespace curlew
