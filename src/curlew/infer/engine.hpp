#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "curlew/base/result.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/core/picture.hpp"

namespace curlew {

/// Why a model cannot be used; `message` says what to do about it.
struct ModelUnavailable {
  std::string message;
};

/// How the output of one picture is read.
struct ReadOptions {
  int top = 3;
  float threshold = 0.5F;
};

/// One infer request with its input tensor: what one worker holds.
///
/// Threads: one at a time. Ownership: goes before its engine.
class Lane {
 public:
  Lane() = default;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  virtual ~Lane() = default;

  virtual const InputFormat& input_format() const = 0;
  virtual const ModelId& model() const = 0;

  /// The input tensor: packed RGB of input_format()'s size, to be filled before await() and run(), after which it may
  /// be elsewhere.
  virtual std::span<std::uint8_t> input() = 0;

  /// Waits until the model is loaded, where this lane was given before; the wait is no part of the inference.
  virtual void await() {}

  /// Runs the network on input() and reads its output.
  ///
  /// Units:  scores in [0, 1] by falling score; boxes in pixels of the upright original that `placement` tells of.
  /// Errors: kInferenceFailed, kNonFiniteOutput.
  /// Cost:   blocks for one pass of the network (2–50 ms).
  virtual Result<Answer> run(const Placement& placement, const ReadOptions& options) = 0;
};

/// Gives each worker its lane of a model.
///
/// Threads: any.
class LaneProvider {
 public:
  LaneProvider() = default;
  LaneProvider(const LaneProvider&) = delete;
  LaneProvider& operator=(const LaneProvider&) = delete;
  virtual ~LaneProvider() = default;

  /// A new lane of the model named `model`; waits until the model is loaded, or at least until its input is known, see
  /// Lane::await().
  virtual Result<std::unique_ptr<Lane>, ModelUnavailable> open_lane(const std::string& model) = 0;
};

}  // namespace curlew
