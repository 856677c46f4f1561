#pragma once

#include <memory>
#include <string>

#include "curlew/infer/model_library.hpp"
#include "curlew/spawn/spawned_lanes.hpp"

namespace curlew {

/// What getting a model ready took, in milliseconds.
struct ModelCost {
  double total_ms = 0;
  double download_ms = 0;  ///< 0: nothing was downloaded
};

/// Where the model of a run lives: in this process or in children.
///
/// Threads: begin and wait from one, lanes and cancel from any.
class ModelHost {
 public:
  ModelHost() = default;
  ModelHost(const ModelHost&) = delete;
  ModelHost& operator=(const ModelHost&) = delete;
  virtual ~ModelHost() = default;

  virtual void begin() = 0;
  /// Waits until the model can be used.
  virtual Result<ModelCost, ModelUnavailable> wait() = 0;
  virtual LaneProvider& lanes() = 0;
  /// Who waits hears soon that the model is not to be had.
  virtual void cancel() = 0;
};

/// Ownership: `library` outlives it.
std::unique_ptr<ModelHost> host_here(ModelLibrary& library, const std::string& model);

/// The files are brought here by `library`, then `lanes` children load them.
///
/// Ownership: `library` outlives it. Threads: who calls wait() stays until all lanes have gone.
std::unique_ptr<ModelHost> host_in_children(ModelLibrary& library, const std::string& model, int lanes,
                                            SpawnedLanesOptions options);

}  // namespace curlew
