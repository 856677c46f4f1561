#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/model_card.hpp"
#include "curlew/infer/model_shelf.hpp"
#include "curlew/infer/self_test.hpp"

namespace curlew {

/// How networks are run.
struct EngineOptions {
  int streams = 1;                    ///< so many inferences run at once, a thread each; more lanes take turns
  std::string device = "CPU";         ///< as OpenVINO names it
  bool requantize = true;             ///< run networks of u8 weights on the CPU's int8 units, see requantize.hpp
  std::filesystem::path blob_folder;  ///< compiled networks are kept here; empty: nowhere
};

/// What a load took, in milliseconds; 0 for a step that was not needed.
struct EngineTimings {
  double read_ms = 0;  ///< the network's file
  double compile_ms = 0;
  double import_ms = 0;  ///< instead of the two before
  double keep_ms = 0;    ///< writing the compiled network
  double self_test_ms = 0;
};

/// A network that has passed its self-test.
///
/// Threads: any. Ownership: shared with its lanes.
class OpenVinoEngine {
 public:
  struct State;
  explicit OpenVinoEngine(std::shared_ptr<State> state);

  const InputFormat& input_format() const;
  const ModelId& model() const;
  /// How many classes have a label.
  std::size_t labels() const;
  /// A lane that keeps what it needs of the engine.
  Result<std::unique_ptr<Lane>, ModelUnavailable> open_lane() const;
  /// Runs the network on the golden input of each of `tests`; answer i belongs to test i.
  ///
  /// Cost: a pass each (3 ms for birds).
  std::vector<SelfTestAnswer> self_test(std::span<const CardSelfTest> tests) const;

 private:
  std::shared_ptr<State> state_;
};

/// What a network computes in.
enum class Precision : std::uint8_t {
  kDevices,  ///< what the device has for it: int8, bf16, f32
  kF32       ///< f32 throughout: in the device's it could not be compiled, or answered wrongly
};

struct LoadedEngine {
  std::shared_ptr<OpenVinoEngine> engine;
  Precision precision = Precision::kDevices;
  EngineTimings timings;
};

/// Told of a network whose input is known before it is loaded.
using OnKnown = std::function<void(const InputFormat&, const ModelId&)>;

/// OpenVINO with its plugins, which every engine shares.
///
/// Threads: any. Ownership: may go before its engines.
class OpenVinoRuntime {
 public:
  explicit OpenVinoRuntime(EngineOptions options, SelfTestJudge judge = judge_self_test);
  ~OpenVinoRuntime();
  OpenVinoRuntime(const OpenVinoRuntime&) = delete;
  OpenVinoRuntime& operator=(const OpenVinoRuntime&) = delete;

  /// Has the device's plugin loaded by a thread of its own, once, so that load() finds it there.
  ///
  /// Cost: returns at once; 5–10 ms of that thread.
  void warm_up();

  /// Reads and compiles the network of `found` as `card` says, or takes it compiled from the cache, and tests it. Where
  /// it cannot be compiled or fails the test in the CPU's own precision, it is tried once more in f32.
  ///
  /// `on_known` is called, at most once, before a network is taken from the cache whose card tells its size: it was
  /// loaded here before with this very file and card.
  /// Errors: what is wrong with the file, the card or this machine, and what to do.
  /// Cost:   20–150 ms from the cache; else up to some seconds.
  Result<LoadedEngine, ModelUnavailable> load(const ModelCard& card, const FoundModel& found,
                                              const OnKnown& on_known = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace curlew
