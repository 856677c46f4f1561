#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "curlew/decode/decoder.hpp"
#include "curlew/fetch/fetcher.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/pipeline/item_source.hpp"
#include "curlew/pipeline/process.hpp"
#include "curlew/publish/result_sink.hpp"

namespace curlew {

struct PipelineLimits {
  std::size_t items_in_flight = 64;
  std::size_t least_in_flight = 0;  ///< where others claim from the same source, see FlightWindow; 0: they do not
  int transfers_per_origin = 6;
  int workers = 1;
  /// Two, where a thread waits for another's work on the picture in its hands, as for a child that decodes or for
  /// OpenVINO: the second then has a picture for the core that the first has left.
  int threads_per_worker = 1;
  bool workers_give_way = false;  ///< to the process's other threads, see give_way()
};

/// How many items are where.
struct PipelineCounts {
  std::size_t fetching = 0;  ///< transfers under way
  std::size_t waiting = 0;   ///< fetched, waiting for a core
  std::size_t working = 0;   ///< being decoded and named
};

/// What the flow is made of; all outlive the pipeline.
struct PipelineParts {
  ItemSource& source;
  Fetcher& fetcher;
  std::function<std::unique_ptr<Decoder>()> make_decoder;  ///< called once by each thread of a worker, on it
  LaneProvider& lanes;
  ResultSink& sink;
  Beside beside = {};  ///< sees what was named, and knows what was named before
};

/// The way of an item: claimed, fetched, decoded, named, delivered.
///
/// Each claimed item is delivered exactly once, whatever fails. Nothing but the dispatcher waits for room.
/// Threads: start, cancel, wait from any one thread; cancel from any.
class Pipeline {
 public:
  Pipeline(const PipelineParts& parts, const PipelineLimits& limits);
  /// Cancels what is under way and joins all threads.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void start();

  /// Claims no more and ends what is in flight with kCancelled, but for what a worker has in its hands. Those not
  /// claimed stay in the source.
  void cancel();

  /// Returns when the source is exhausted or cancel was called, and each claimed item has been delivered.
  void wait();

  /// Threads: any.
  PipelineCounts counts() const;

 private:
  class Flow;
  std::unique_ptr<Flow> flow_;
};

}  // namespace curlew
