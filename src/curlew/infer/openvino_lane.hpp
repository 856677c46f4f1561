#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <openvino/openvino.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/infer/blob_cache.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/model_card.hpp"
#include "curlew/infer/network_form.hpp"
#include "curlew/infer/openvino_engine.hpp"
#include "curlew/infer/self_test.hpp"

namespace curlew {

/// What the lanes of one network share. `blob` stays mapped for as long as the network may point into it.
struct OpenVinoEngine::State {
  std::optional<BlobCache::Blob> blob;
  ov::CompiledModel compiled;
  ModelId id;
  InputFormat input;
  NetworkForm form = OutputForm::kProbabilities;
  ClassOutput output;  ///< classifiers
  NmsRule nms;         ///< detectors
  std::vector<std::string> labels;
  SelfTestJudge judge;
};

/// Calls `work`; what a library throws goes to the log, and false comes back.
bool without_exception(std::string_view doing, const std::function<void()>& work);

/// A lane of a compiled network.
class OpenVinoLane final : public Lane {
 public:
  /// Exceptions of OpenVINO pass.
  explicit OpenVinoLane(std::shared_ptr<OpenVinoEngine::State> state);

  const InputFormat& input_format() const override { return state_->input; }
  const ModelId& model() const override { return state_->id; }
  std::span<std::uint8_t> input() override { return {input_.data<std::uint8_t>(), input_.get_byte_size()}; }
  Result<Answer> run(const Placement& placement, const ReadOptions& options) override;

  /// Runs the network on the golden input of `test`.
  SelfTestAnswer self_test(const CardSelfTest& test);

 private:
  Result<void> infer();
  Result<std::vector<float>> read_probabilities(OutputForm form);
  Result<std::vector<Prediction>> read_objects(DetectionForm form, const Placement& placement, float threshold);
  Result<std::vector<Candidate>> read_candidates(DetectionForm form, float threshold);
  void test_classes(OutputForm form, SelfTestAnswer& answer);
  void test_objects(DetectionForm form, SelfTestAnswer& answer);

  std::shared_ptr<OpenVinoEngine::State> state_;
  ov::InferRequest request_;
  ov::Tensor input_;
};

}  // namespace curlew
