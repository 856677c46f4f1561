#include "curlew/infer/openvino_lane.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/infer/detections.hpp"
#include "curlew/infer/labels.hpp"
#include "curlew/infer/objects.hpp"
#include "curlew/infer/postprocess.hpp"

namespace curlew {
namespace {

/// What a detector is asked to say of a golden input: a surest answer below this says nothing.
constexpr float kSelfTestThreshold = 0.1F;

/// An output as it lies there; `shape` keeps its sides.
template <class T>
TensorView<T> view(const ov::Tensor& tensor, ov::Shape& shape) {
  shape = tensor.get_shape();
  return {.values = {tensor.data<const T>(), tensor.get_size()}, .shape = shape};
}

/// Where a picture of the input's own size lies in it.
Placement as_it_is(const InputFormat& input) {
  return {.original_width_px = input.width_px, .original_height_px = input.height_px};
}

std::string fault_of(const Error& error) {
  return error.code == ErrorCode::kNonFiniteOutput ? "it gave numbers that are not finite" : "it could not be run";
}

}  // namespace

bool without_exception(std::string_view doing, const std::function<void()>& work) {
  constexpr std::size_t kShown = 400;  // OpenVINO's texts hold whole call stacks
  try {
    work();
    return true;
  } catch (const std::exception& error) {
    log_warning("{}: {}", doing, std::string_view(error.what()).substr(0, kShown));
  } catch (...) {
    log_warning("{}: an unknown exception", doing);
  }
  return false;
}

OpenVinoLane::OpenVinoLane(std::shared_ptr<OpenVinoEngine::State> state)
    : state_(std::move(state)),
      request_(state_->compiled.create_infer_request()),
      input_(request_.get_input_tensor()) {}

Result<Answer> OpenVinoLane::run(const Placement& placement, const ReadOptions& options) {
  if (const auto done = infer(); !done) return tl::make_unexpected(done.error());
  if (const auto* form = std::get_if<DetectionForm>(&state_->form)) {
    return read_objects(*form, placement, options.threshold).map([](std::vector<Prediction> objects) {
      return Answer{.predictions = std::move(objects), .background_score = std::nullopt};
    });
  }
  return read_probabilities(std::get<OutputForm>(state_->form)).map([&](const std::vector<float>& probabilities) {
    return read_classes(probabilities, state_->output.background, state_->labels, options.top);
  });
}

Result<void> OpenVinoLane::infer() {
  if (without_exception("inference", [&] { request_.infer(); })) return {};
  return failure(ErrorCode::kInferenceFailed, "the network could not be run on this picture; try it again");
}

Result<std::vector<float>> OpenVinoLane::read_probabilities(OutputForm form) {
  const ov::Tensor output = request_.get_output_tensor();
  return to_probabilities({output.data<const float>(), output.get_size()}, form, state_->output.scale);
}

Result<std::vector<Candidate>> OpenVinoLane::read_candidates(DetectionForm form, float threshold) {
  ov::Shape first;
  ov::Shape second;
  ov::Shape third;
  const auto output = [&](std::size_t index) { return request_.get_output_tensor(index); };
  switch (form) {
    case DetectionForm::kSsd:
      return read_ssd(view<float>(output(0), first), view<float>(output(1), second), state_->input, threshold);
    case DetectionForm::kYolox:
      return read_yolox(view<float>(output(0), first), state_->input, threshold);
    case DetectionForm::kBoxesLabelsScores:
      break;
  }
  return read_boxes_labels_scores(view<float>(output(0), first), view<std::int64_t>(output(1), second),
                                  view<float>(output(2), third), threshold);
}

Result<std::vector<Prediction>> OpenVinoLane::read_objects(DetectionForm form, const Placement& placement,
                                                           float threshold) {
  return read_candidates(form, threshold).map([&](std::vector<Candidate> candidates) {
    return name_objects(std::move(candidates), state_->nms, placement, state_->labels);
  });
}

SelfTestAnswer OpenVinoLane::self_test(const CardSelfTest& test) {
  SelfTestAnswer answer{.test = test, .index = std::nullopt, .label = {}, .score = 0, .fault = std::nullopt};
  paint_self_test(test, state_->input, input());
  if (const auto done = infer(); !done) {
    answer.fault = fault_of(done.error());
  } else if (const auto* form = std::get_if<DetectionForm>(&state_->form)) {
    test_objects(*form, answer);
  } else {
    test_classes(std::get<OutputForm>(state_->form), answer);
  }
  return answer;
}

void OpenVinoLane::test_classes(OutputForm form, SelfTestAnswer& answer) {
  const auto probabilities = read_probabilities(form);
  if (!probabilities) {
    answer.fault = fault_of(probabilities.error());
    return;
  }
  const auto best = std::ranges::max_element(*probabilities);
  if (best != probabilities->end()) {
    answer.index = static_cast<int>(best - probabilities->begin());
    answer.label = label_of(state_->labels, *answer.index);
    answer.score = *best;
  }
  answer.fault = state_->judge(*probabilities, form, state_->output.scale, answer.test);
}

void OpenVinoLane::test_objects(DetectionForm form, SelfTestAnswer& answer) {
  const auto objects = read_objects(form, as_it_is(state_->input), kSelfTestThreshold);
  if (!objects) {
    answer.fault = fault_of(objects.error());
    return;
  }
  if (!objects->empty()) {
    const Prediction& surest = objects->front();
    answer.index = surest.index;
    answer.label = surest.label;
    answer.score = surest.score;
  }
  answer.fault = judge_objects(*objects, state_->input, answer.test);
}

}  // namespace curlew
