#include "curlew/base/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>
#include <variant>

#include "curlew/base/metric_text.hpp"

namespace curlew {
namespace {

/// A number that is asked for when it is shown.
class ReadNumber {
 public:
  explicit ReadNumber(MetricRegistry::Reading reading) : reading_(std::move(reading)) {}

  std::optional<double> value(MetricType type) const {
    const std::optional<double> read = reading_();
    if (!read || type != MetricType::kCounter) return read;
    double highest = highest_.load(std::memory_order_relaxed);
    // NaN is not above anything either, and so never becomes the highest.
    while (*read > highest && !highest_.compare_exchange_weak(highest, *read, std::memory_order_relaxed)) {
    }
    return *read > highest ? *read : highest;
  }

 private:
  MetricRegistry::Reading reading_;
  mutable std::atomic<double> highest_{0};
};

/// `a="1",b="2"`; it also is what tells one series of a family from another.
std::string labels_text(std::span<const std::string_view> names, const std::vector<std::string_view>& values) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{}{}=\"{}\"", i == 0 ? "" : ",", names[i], escaped_label_value(values[i]));
  }
  return out;
}

std::string in_braces(const std::string& labels) { return labels.empty() ? "" : "{" + labels + "}"; }

void write_number(std::string& out, std::string_view name, const std::string& labels, const std::string& number) {
  fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, in_braces(labels), number);
}

void write_histogram(std::string& out, const MetricFamily& family, const std::string& labels, const Histogram& value) {
  const Histogram::Snapshot seen = value.snapshot();
  for (std::size_t i = 0; i < seen.cumulative.size(); ++i) {
    const std::string bound = i < family.bounds.size() ? metric_number(family.bounds[i]) : "+Inf";
    fmt::format_to(std::back_inserter(out), "{}_bucket{{{}{}le=\"{}\"}} {}\n", family.name, labels,
                   labels.empty() ? "" : ",", bound, seen.cumulative[i]);
  }
  write_number(out, fmt::format("{}_sum", family.name), labels, metric_number(seen.sum));
  write_number(out, fmt::format("{}_count", family.name), labels, fmt::to_string(seen.cumulative.back()));
}

}  // namespace

std::string_view metric_type_name(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      break;
  }
  return "histogram";
}

void Histogram::observe(double amount) {
  if (!std::isfinite(amount) || amount < 0) return;
  const auto bucket = std::distance(bounds_.begin(), std::lower_bound(bounds_.begin(), bounds_.end(), amount));
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(amount, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::snapshot() const {
  Snapshot out;
  out.sum = sum_.load(std::memory_order_relaxed);
  std::uint64_t total = 0;
  for (const auto& count : counts_) out.cumulative.push_back(total += count.load(std::memory_order_relaxed));
  return out;
}

struct MetricRegistry::Series {
  template <typename Value, typename... Arguments>
  explicit Series(std::in_place_type_t<Value> type, Arguments&&... arguments)
      : value(type, std::forward<Arguments>(arguments)...) {}

  void write(std::string& out, const MetricFamily& family, const std::string& labels) const {
    if (const auto* counter = std::get_if<Counter>(&value)) {
      write_number(out, family.name, labels, fmt::to_string(counter->value()));
    } else if (const auto* gauge = std::get_if<Gauge>(&value)) {
      write_number(out, family.name, labels, metric_number(gauge->value()));
    } else if (const auto* histogram = std::get_if<Histogram>(&value)) {
      write_histogram(out, family, labels, *histogram);
    } else if (const auto read = std::get<ReadNumber>(value).value(family.type)) {
      write_number(out, family.name, labels, metric_number(*read));
    }
  }

  std::variant<Counter, Gauge, Histogram, ReadNumber> value;
};

struct MetricRegistry::Family {
  explicit Family(const MetricFamily& row) : is(row) {}

  /// The series of these labels, made where there is none, and whether it was made.
  template <typename Value, typename... Arguments>
  std::pair<Value*, bool> obtain(LabelValues values, Arguments&&... arguments) {
    if (values.size() != is.labels.size()) std::abort();
    std::string labels = labels_text(is.labels, values);
    const std::scoped_lock lock(mutex);
    auto place = series.find(labels);
    if (place == series.end() && series.size() >= is.max_series) {
      labels = labels_text(is.labels, std::vector<std::string_view>(values.size(), kOtherSeries));
      place = series.find(labels);
    }
    const bool made = place == series.end();
    if (made) {
      auto one = std::make_unique<Series>(std::in_place_type<Value>, std::forward<Arguments>(arguments)...);
      place = series.emplace(std::move(labels), std::move(one)).first;
    }
    Value* const value = std::get_if<Value>(&place->second->value);
    if (value == nullptr) std::abort();
    return {value, made};
  }

  void write(std::string& out) const {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", is.name, escaped_help(is.help),
                   metric_type_name(is.type));
    for (const auto& [labels, one] : all()) one->write(out, is, *labels);
  }

  /// As they are now. A series never goes nor changes its labels, so that they are written without the lock.
  std::vector<std::pair<const std::string*, const Series*>> all() const {
    const std::scoped_lock lock(mutex);
    std::vector<std::pair<const std::string*, const Series*>> out;
    out.reserve(series.size());
    for (const auto& [labels, one] : series) out.emplace_back(&labels, one.get());
    return out;
  }

  const MetricFamily is;
  mutable std::mutex mutex;
  std::map<std::string, std::unique_ptr<Series>> series;  ///< by their labels, as they are written
};

MetricRegistry::MetricRegistry(std::span<const MetricFamily> families) {
  for (const MetricFamily& family : families) families_.push_back(std::make_unique<Family>(family));
}

MetricRegistry::~MetricRegistry() = default;

Counter& MetricRegistry::counter(std::string_view family, LabelValues values) {
  return *family_of(family, MetricType::kCounter).obtain<Counter>(values).first;
}

Gauge& MetricRegistry::gauge(std::string_view family, LabelValues values) {
  return *family_of(family, MetricType::kGauge).obtain<Gauge>(values).first;
}

Histogram& MetricRegistry::histogram(std::string_view family, LabelValues values) {
  Family& found = family_of(family, MetricType::kHistogram);
  return *found.obtain<Histogram>(values, found.is.bounds).first;
}

void MetricRegistry::read_at_scrape(std::string_view family, LabelValues values, Reading reading) {
  const auto is_it = [&](const auto& one) { return one->is.name == family; };
  const auto found = std::find_if(families_.begin(), families_.end(), is_it);
  if (found == families_.end() || (*found)->is.type == MetricType::kHistogram) std::abort();
  if (!(*found)->obtain<ReadNumber>(values, std::move(reading)).second) std::abort();
}

std::string MetricRegistry::prometheus_text() const {
  std::string out;
  for (const auto& family : families_) family->write(out);
  return out;
}

MetricRegistry::Family& MetricRegistry::family_of(std::string_view name, MetricType type) {
  for (const auto& family : families_) {
    if (family->is.name == name && family->is.type == type) return *family;
  }
  std::abort();
}

}  // namespace curlew
