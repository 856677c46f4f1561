#pragma once

#include <string>

#include "curlew/base/service_metrics.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/core/task.hpp"
#include "curlew/http/http_observer.hpp"
#include "curlew/pipeline/pipeline.hpp"
#include "curlew/service/model_board.hpp"
#include "curlew/store/job_store.hpp"

namespace curlew {

/// Counts what the service does, and writes its access log.
///
/// Threads: any.
class ServiceWatch final : public HttpObserver {
 public:
  ServiceWatch();

  void item(Task task, const ItemResult& result);
  /// A batch that came by ZeroMQ was kept.
  void batch_taken();
  /// One was refused, since the service drains, is full, or has no model for it.
  void batch_turned_away();
  /// A kept batch that has ended.
  void batch(const BatchStatus& status);
  void model(Task task, const ModelFacts& facts);
  /// Ownership: the stores outlive the last text().
  void read_store(const JobStore& kept, const JobStore& direct);
  /// Ownership: the pipeline outlives the last text().
  void read_pipeline(const Pipeline& pipeline);
  /// Work that was spared. Ownership: both outlive the last text().
  void read_repeats(const Fetcher& fetcher, const AnswerCache& answers);
  std::string text() const { return metrics_.text(); }

  void connection_refused() override;
  void request_done(const HttpExchange& exchange) override;

 private:
  ServiceMetrics metrics_;
};

}  // namespace curlew
