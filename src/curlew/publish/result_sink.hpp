#pragma once

#include "curlew/core/item_result.hpp"

namespace curlew {

/// Whoever takes results as they come.
///
/// Threads: called on the pipeline's result thread only.
class ResultSink {
 public:
  ResultSink() = default;
  ResultSink(const ResultSink&) = delete;
  ResultSink& operator=(const ResultSink&) = delete;
  virtual ~ResultSink() = default;

  virtual void deliver(const ItemResult& result) = 0;
};

}  // namespace curlew
