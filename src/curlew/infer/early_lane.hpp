#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "curlew/infer/engine.hpp"

namespace curlew {

/// A lane that is there before its model: pictures are decoded into it while the network loads.
///
/// Threads: one at a time. Ownership: what `open` needs outlives it.
class EarlyLane final : public Lane {
 public:
  /// Waits until the model is loaded and has passed its self-test, and opens a lane of it.
  using Open = std::function<Result<std::unique_ptr<Lane>, ModelUnavailable>()>;
  /// `format` and `model` are what the lane will have that `open` gives.
  EarlyLane(const InputFormat& format, ModelId model, Open open);

  const InputFormat& input_format() const override { return format_; }
  const ModelId& model() const override { return model_; }
  std::span<std::uint8_t> input() override;
  void await() override;
  /// Errors: kInferenceFailed too where the model was not to be had after all.
  Result<Answer> run(const Placement& placement, const ReadOptions& options) override;

 private:
  const InputFormat format_;
  const ModelId model_;
  Open open_;                         ///< empty once it was called
  std::vector<std::uint8_t> pixels_;  ///< the input until the lane is there
  std::unique_ptr<Lane> lane_;        ///< null before that, and where there is none
};

}  // namespace curlew
