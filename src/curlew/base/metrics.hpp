#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace curlew {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

/// "counter", "gauge", "histogram".
std::string_view metric_type_name(MetricType type);

/// One row of a table of metrics; what it refers to is constant.
struct MetricFamily {
  std::string_view name;
  MetricType type = MetricType::kCounter;
  std::string_view help;
  std::span<const std::string_view> labels = {};
  std::span<const double> bounds = {};  ///< of a histogram: upper ones, rising, without +Inf
  std::size_t max_series = 1;           ///< further ones are counted together, see MetricRegistry
};

/// What all labels say of the series that counts what is beyond MetricFamily::max_series.
inline constexpr std::string_view kOtherSeries = "other";

/// A number that only rises.
///
/// Threads: any; no lock.
class Counter {
 public:
  void add(std::uint64_t count = 1) { count_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> count_{0};
};

/// A number that rises and falls.
///
/// Threads: any; no lock.
class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double difference) { value_.fetch_add(difference, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// How often amounts of each size were seen.
///
/// Threads: any; no lock.
class Histogram {
 public:
  /// What was seen until now. `cumulative[i]` is how many were at or below `bounds[i]`, and the last how many in all;
  /// `sum` may be ahead of it or behind by what is being added at this moment.
  struct Snapshot {
    std::vector<std::uint64_t> cumulative;
    double sum = 0;
  };

  /// `bounds` outlive this.
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}

  /// Adds one amount. A negative one, NaN or infinity is left out: the sum would fall, or be lost for ever.
  void observe(double amount);

  Snapshot snapshot() const;

 private:
  std::span<const double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;  ///< of each bucket alone
  std::atomic<double> sum_{0};
};

/// All metrics of a process, as Prometheus reads them.
///
/// A series is one combination of label values. Each is made when it is first asked for; beyond a family's
/// `max_series`, all further ones are one, whose labels all say `other`. A family without any has its HELP and TYPE all
/// the same. Errors:    a family that is not in the table, another type than its own, or another number of labels is a
/// bug of the
///            caller and aborts.
/// Ownership: the table outlives this; what is handed out lives as long as this.
/// Threads:   any.
/// Cost:      finding a series takes its family's lock, for about a microsecond; keep what you got where that matters.
class MetricRegistry {
 public:
  using LabelValues = std::initializer_list<std::string_view>;
  /// Gives the number at this moment; nothing where it is not to be had, then there is no sample.
  using Reading = std::function<std::optional<double>()>;

  explicit MetricRegistry(std::span<const MetricFamily> families);
  ~MetricRegistry();
  MetricRegistry(const MetricRegistry&) = delete;
  MetricRegistry& operator=(const MetricRegistry&) = delete;

  Counter& counter(std::string_view family, LabelValues values = {});
  Gauge& gauge(std::string_view family, LabelValues values = {});
  Histogram& histogram(std::string_view family, LabelValues values = {});

  /// Makes a gauge or a counter whose number is asked for by each prometheus_text(); aborts where the series is there
  /// already. Of a counter, the highest number so far is shown.
  ///
  /// Ownership: what `reading` refers to outlives the last prometheus_text().
  /// Threads:   `reading` is called by whoever calls prometheus_text(), several at once, without a lock held.
  void read_at_scrape(std::string_view family, LabelValues values, Reading reading);

  /// All families in the order of the table, the series of each in the order of their labels.
  ///
  /// Errors: what a reading throws.
  /// Source: the text format 0.0.4 of Prometheus.
  std::string prometheus_text() const;

 private:
  struct Series;
  struct Family;

  Family& family_of(std::string_view name, MetricType type);

  std::vector<std::unique_ptr<Family>> families_;
};

/// The media type of prometheus_text().
inline constexpr std::string_view kPrometheusMediaType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace curlew
