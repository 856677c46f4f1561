#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/error.hpp"
#include "curlew/base/metrics.hpp"

namespace curlew {

/// What an item goes through. The order is that of kStageNames.
enum class Stage : std::uint8_t { kQueue, kFetch, kDecode, kInfer, kPublish };

/// The values of the label `stage`.
inline constexpr std::array<std::string_view, 5> kStageNames{"queue", "fetch", "decode", "infer", "publish"};

/// How long an item took in each stage, in seconds; 0 where it did not reach it.
struct StageSeconds {
  double queue = 0;
  double fetch = 0;
  double decode = 0;
  double infer = 0;
  double publish = 0;
};

/// What the service counts of itself, as functions; the families are those of metric_families().
///
/// Threads: any. item_done of these tasks and stage_took take no lock; the others may, for about a microsecond.
class ServiceMetrics {
 public:
  ServiceMetrics();

  /// An item of `task` ("classify" or "detect") has its result: an error, or an answer.
  void item_done(std::string_view task, std::optional<ErrorCode> error, const StageSeconds& took);
  /// For a stage whose end comes after item_done; 0 is not counted.
  void stage_took(Stage stage, double seconds);
  /// A batch came to `status` ("queued", "done", "cancelled").
  void batch(std::string_view status);
  /// A request was turned away before any work; `reason` is the HTTP error's code ("full", "too_many_requests").
  void rejected(std::string_view reason);
  /// The policy of addresses refused a fetch.
  void fetch_blocked(std::string_view reason);
  /// A request to the route of this name is over; `status` is 0 where the client went before there was one.
  void http_request(std::string_view route, int status);

  /// The model of `task` is in use.
  void model_in_use(std::string_view task, std::string_view model, std::string_view sha256);
  void build(std::string_view version);

  /// Who is asked for the depth of the queue; once.
  ///
  /// Ownership: what `depth` refers to outlives the last text().
  void read_queue_depth(std::function<double()> depth);
  /// Who is asked how many items are in `stage`; once, and then not in_flight() too.
  ///
  /// Ownership: what `items` refers to outlives the last text().
  void read_in_flight(Stage stage, std::function<double()> items);
  /// Who is asked how often work was spared; once.
  struct Repeats {
    std::function<double()> joined_fetches;
    std::function<double()> known_answers;
    std::function<double()> new_answers;
    std::function<double()> cache_bytes;
  };
  /// Ownership: what they refer to outlives the last text().
  void read_repeats(Repeats repeats);
  /// How many items are in `stage`, for who counts them himself; lives as long as this.
  Gauge& in_flight(Stage stage);

  /// The body of /metrics, kPrometheusMediaType.
  std::string text() const { return registry_.prometheus_text(); }

 private:
  static constexpr std::size_t kOutcomes = 20;  ///< ok, and each item error
  struct TaskItems {
    std::string_view task;
    std::array<Counter*, kOutcomes> by_outcome{};
  };

  Counter& items_of(std::string_view task, std::optional<ErrorCode> error);

  MetricRegistry registry_;
  std::array<TaskItems, 2> items_;
  std::array<Histogram*, kStageNames.size()> stages_{};
};

}  // namespace curlew
