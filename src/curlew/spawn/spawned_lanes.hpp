#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "curlew/base/byte_count.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/spawn/child_process.hpp"

namespace curlew {

struct SpawnedLanesOptions {
  /// What becomes a naming child for a model: a program that calls serve_lane().
  std::function<ChildCommand(const std::string& model)> command_for;
  ByteCount pixel_bytes = ByteCount{3} * 4096 * 4096;  ///< the largest input
  ByteCount memory = kGiB;                             ///< what a child may take beyond its model
  std::chrono::milliseconds timeout{60'000};           ///< for one picture
  std::chrono::milliseconds start_timeout{120'000};    ///< for loading the model
};

/// Lanes in child processes, one each, that load the model themselves and can do nothing but compute afterwards. A
/// child that dies costs the picture in hand, and is replaced.
///
/// Errors:  of its lanes: as a Lane; kInferenceFailed where the child crashed or took too long.
/// Threads: any. A lane belongs to the thread that uses it; the kernel ends a child with the thread that started it, so
///          that whoever calls preload() stays until the lanes have gone.
class SpawnedLanes final : public LaneProvider {
 public:
  explicit SpawnedLanes(SpawnedLanesOptions options);
  ~SpawnedLanes() override;

  /// Starts the children of `lanes` lanes side by side and waits until they are ready. Until then open_lane() waits.
  Result<void, ModelUnavailable> preload(const std::string& model, int lanes);
  /// One of those that were started ahead, or one with a child of its own. Waits for preload(), which somebody has to
  /// call.
  Result<std::unique_ptr<Lane>, ModelUnavailable> open_lane(const std::string& model) override;
  /// No more is started: who waits in open_lane() hears that there is none.
  void cancel();

 private:
  struct Stock {
    std::optional<ModelUnavailable> fault;
    std::deque<std::unique_ptr<Lane>> lanes;
  };
  const SpawnedLanesOptions options_;
  std::mutex mutex_;  ///< guards all below
  std::condition_variable changed_;
  bool cancelled_ = false;
  std::map<std::string, Stock> ready_;
};

}  // namespace curlew
