#include "curlew/infer/openvino_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <functional>
#include <openvino/openvino.hpp>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/base/log.hpp"
#include "curlew/infer/blob_cache.hpp"
#include "curlew/infer/labels.hpp"
#include "curlew/infer/openvino_network.hpp"
#include "curlew/infer/postprocess.hpp"
#include "curlew/infer/requantize.hpp"
#include "curlew/infer/self_test.hpp"

namespace curlew {

/// What the lanes of one network share. `blob` stays mapped for as long as the network may point into it.
struct OpenVinoEngine::State {
  std::optional<BlobCache::Blob> blob;
  ov::CompiledModel compiled;
  ModelId id;
  InputFormat input;
  OutputForm form = OutputForm::kProbabilities;
  ClassOutput output;
  std::vector<std::string> labels;
  SelfTestJudge judge;
};

namespace {

using State = OpenVinoEngine::State;

tl::unexpected<ModelUnavailable> refused(std::string why) {
  return tl::make_unexpected(ModelUnavailable{std::move(why)});
}

/// Calls `work`; what a library throws goes to the log, and false comes back.
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

class OpenVinoLane final : public Lane {
 public:
  explicit OpenVinoLane(std::shared_ptr<State> state)
      : state_(std::move(state)),
        request_(state_->compiled.create_infer_request()),
        input_(request_.get_input_tensor()) {}

  const InputFormat& input_format() const override { return state_->input; }
  const ModelId& model() const override { return state_->id; }
  std::span<std::uint8_t> input() override { return {input_.data<std::uint8_t>(), input_.get_byte_size()}; }

  Result<Answer> run(const Placement&, const ReadOptions& options) override {
    const auto probabilities = infer();
    if (!probabilities) return tl::make_unexpected(probabilities.error());
    return read_classes(*probabilities, state_->output.background, state_->labels, options.top);
  }

  Result<std::vector<float>> infer() {
    std::span<const float> raw;
    const bool done = without_exception("inference", [&] {
      request_.infer();
      const ov::Tensor output = request_.get_output_tensor();
      raw = {output.data<const float>(), output.get_size()};
    });
    if (!done)
      return failure(ErrorCode::kInferenceFailed, "the network could not be run on this picture; try it again");
    return to_probabilities(raw, state_->form, state_->output.scale);
  }

 private:
  std::shared_ptr<State> state_;
  ov::InferRequest request_;
  ov::Tensor input_;
};

/// The processor's name and abilities: what a compiled network depends on beside OpenVINO itself.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string text;
  for (std::string line; std::getline(file, line) && !line.empty();) {
    for (const std::string_view key : {"model name", "flags", "Features", "CPU implementer", "CPU part"}) {
      if (line.starts_with(key)) text += line + '\n';
    }
  }
  return text;
}

/// The card's parts that the compiled graph depends on.
std::string graph_key(const ModelCard& card) {
  const CardInput& in = card.input;
  return fmt::format("{}x{} layout {} element {} colour {} mean {} {} {} scale {} {} {} form {}\n", in.width_px,
                     in.height_px, in.layout ? static_cast<int>(*in.layout) : -1,
                     in.element ? static_cast<int>(*in.element) : -1, static_cast<int>(in.colour), in.mean[0],
                     in.mean[1], in.mean[2], in.scale[0], in.scale[1], in.scale[2],
                     card.output.form ? to_string(*card.output.form) : "");
}

/// An input buffer for OpenVINO's importer over bytes that are already in memory.
ov::Tensor as_tensor(std::span<const std::byte> bytes) {
  // The importer only reads; the type has no const form.
  return {ov::element::u8, {bytes.size()}, const_cast<std::byte*>(bytes.data())};
}

/// A network as it was read and fitted to pictures, before it is compiled.
struct Network {
  std::shared_ptr<ov::Model> model;
  OutputForm form = OutputForm::kProbabilities;
};

SelfTestAnswer run_self_test(const std::shared_ptr<State>& state, const CardSelfTest& test) {
  SelfTestAnswer answer{.test = test, .index = std::nullopt, .label = {}, .score = 0, .fault = "it could not be run"};
  without_exception("self-test", [&] {
    OpenVinoLane lane(state);
    paint_self_test(test, state->input, lane.input());
    const auto probabilities = lane.infer();
    if (!probabilities) {
      const bool finite = probabilities.error().code != ErrorCode::kNonFiniteOutput;
      answer.fault = finite ? "it could not be run" : "it gave numbers that are not finite";
      return;
    }
    const auto best = std::ranges::max_element(*probabilities);
    if (best != probabilities->end()) {
      answer.index = static_cast<int>(best - probabilities->begin());
      answer.label = label_of(state->labels, *answer.index);
      answer.score = *best;
    }
    answer.fault = state->judge(*probabilities, state->form, state->output.scale, test);
  });
  return answer;
}

Result<std::vector<std::string>, ModelUnavailable> read_labels(const ModelCard& card, const FoundModel& found) {
  if (!found.labels) return std::vector<std::string>();
  const auto text = read_small_file(*found.labels, kMaxLabelBytes);
  if (!text) return refused(fmt::format("the labels {} cannot be read", found.labels->filename().native()));
  return parse_labels(*text, card.labels ? card.labels->format : LabelFormat::kLines);
}

}  // namespace

OpenVinoEngine::OpenVinoEngine(std::shared_ptr<State> state) : state_(std::move(state)) {}

const InputFormat& OpenVinoEngine::input_format() const { return state_->input; }

const ModelId& OpenVinoEngine::model() const { return state_->id; }

int OpenVinoEngine::classes() const { return static_cast<int>(ov::shape_size(state_->compiled.output().get_shape())); }

Result<std::unique_ptr<Lane>, ModelUnavailable> OpenVinoEngine::open_lane() const {
  std::unique_ptr<Lane> lane;
  if (!without_exception("opening a lane", [&] { lane = std::make_unique<OpenVinoLane>(state_); })) {
    return refused(fmt::format("the model \"{}\" cannot be run: there is no memory for another lane", state_->id.name));
  }
  return lane;
}

std::vector<SelfTestAnswer> OpenVinoEngine::self_test(std::span<const CardSelfTest> tests) const {
  std::vector<SelfTestAnswer> answers;
  answers.reserve(tests.size());
  for (const CardSelfTest& test : tests) answers.push_back(run_self_test(state_, test));
  return answers;
}

struct OpenVinoRuntime::Impl {
  EngineOptions options;
  SelfTestJudge judge;
  BlobCache blobs;
  std::optional<ov::Core> core;

  Impl(EngineOptions given, SelfTestJudge judging)
      : options(std::move(given)), judge(std::move(judging)), blobs(options.blob_folder) {
    without_exception("starting OpenVINO", [&] { core.emplace(); });
  }

  bool is_cpu() const { return options.device.starts_with("CPU"); }

  ov::AnyMap properties(bool f32) const {
    if (!is_cpu()) return {ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY)};
    // Without pinning: streams would be tied to the first cores of the host, whatever the container may use.
    ov::AnyMap map{ov::num_streams(options.lanes), ov::inference_num_threads(options.lanes),
                   ov::hint::enable_cpu_pinning(false)};
    if (f32) map.insert(ov::hint::inference_precision(ov::element::f32));
    return map;
  }

  std::string blob_key(const ModelCard& card, const FoundModel& found, bool f32) const {
    return fmt::format("{}\n{}\n{}\n{} lanes, f32 {}, requantized {}\n{}{}", ov::get_openvino_version().buildNumber,
                       found.sha256, options.device, options.lanes, f32, options.requantize, graph_key(card),
                       processor());
  }

  /// The network out of the cache; false where it is not there or cannot be taken.
  bool import(State& state, const std::string& key, bool f32) {
    state.blob = blobs.find(key);
    const auto form = state.blob ? output_form_of(state.blob->note) : std::nullopt;
    if (!form) return false;
    state.form = *form;
    const bool imported = without_exception("a compiled network in the cache cannot be used and is made anew", [&] {
      state.compiled = core->import_model(as_tensor(state.blob->bytes), options.device, properties(f32));
    });
    if (!imported) blobs.drop(key);
    return imported;
  }

  Result<Network, ModelUnavailable> read(const ModelCard& card, const FoundModel& found, EngineTimings& timings) {
    const std::string shown = found.network.filename().native();
    Result<OutputForm, ModelUnavailable> form = refused("it cannot be read as a network; the log says why");
    std::shared_ptr<ov::Model> model;
    const auto began = now();
    without_exception("reading " + shown, [&] {
      model = read_network(*core, found.network);
      form = fit_to_pictures(model, card);
      if (form && options.requantize && is_cpu()) {
        const std::size_t changed = requantize(model);
        log_debug("{}: the weights of {} convolutions were made symmetric", shown, changed);
      }
    });
    timings.read_ms = to_ms(now() - began);
    if (!form) return refused(fmt::format("{} cannot be used: {}", shown, form.error().message));
    return Network{.model = model, .form = *form};
  }

  bool compile(State& state, const Network& network, bool f32, EngineTimings& timings) {
    const auto began = now();
    state.form = network.form;
    const bool compiled = without_exception("compiling " + state.id.name, [&] {
      state.compiled = core->compile_model(network.model, options.device, properties(f32));
    });
    timings.compile_ms += to_ms(now() - began);
    return compiled;
  }

  void keep(const State& state, const std::string& key) {
    if (options.blob_folder.empty()) return;
    without_exception("keeping a compiled network", [&] {
      std::ostringstream stream;
      const_cast<ov::CompiledModel&>(state.compiled).export_model(stream);
      blobs.keep(key, std::string(to_string(state.form)), std::as_bytes(std::span(stream.view())));
    });
  }

  void describe(State& state, const ModelCard& card) const {
    const ov::Shape shape = state.compiled.input().get_shape();
    state.input = {
        .width_px = static_cast<int>(shape.at(2)), .height_px = static_cast<int>(shape.at(1)), .fit = card.fit};
  }
};

OpenVinoRuntime::OpenVinoRuntime(EngineOptions options, SelfTestJudge judge)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(judge))) {}

OpenVinoRuntime::~OpenVinoRuntime() = default;

Result<LoadedEngine, ModelUnavailable> OpenVinoRuntime::load(const ModelCard& card, const FoundModel& found) {
  if (!impl_->core) return refused("OpenVINO cannot be started on this machine; the log says why");
  const auto labels = read_labels(card, found);
  if (!labels) return tl::make_unexpected(labels.error());
  LoadedEngine loaded;
  std::optional<Network> network;
  std::string fault;
  // What was kept passed its test here before; so the two precisions are looked for there first.
  for (const auto& [kept, f32] : {std::pair(true, false), {true, true}, {false, false}, {false, true}}) {
    if (f32 && !impl_->is_cpu()) continue;
    const std::string key = impl_->blob_key(card, found, f32);
    auto state = std::make_shared<State>();
    state->id = {.name = card.name, .sha256 = found.sha256};
    state->output = card.output;
    state->labels = *labels;
    state->judge = impl_->judge;
    if (kept) {
      const auto began = now();
      if (!impl_->import(*state, key, f32)) continue;
      loaded.timings.import_ms += to_ms(now() - began);
    } else {
      if (!network) {
        auto read = impl_->read(card, found, loaded.timings);
        if (!read) return tl::make_unexpected(read.error());
        network = std::move(*read);
      }
      if (!impl_->compile(*state, *network, f32, loaded.timings)) {
        fault = fmt::format("it cannot be compiled for the device {}; the log says why", impl_->options.device);
        continue;
      }
    }
    const auto began = now();
    impl_->describe(*state, card);
    if (const int classes = OpenVinoEngine(state).classes(); card.output.background.value_or(0) >= classes) {
      return refused(fmt::format("the card of \"{}\" says that class {} is the background; the network has {} classes",
                                 card.name, *card.output.background, classes));
    }
    const auto wrong = run_self_test(state, card.self_tests.front()).fault;
    loaded.timings.self_test_ms += to_ms(now() - began);
    if (wrong) {
      log_warning("the model \"{}\" failed its self-test{}: {}", card.name, f32 ? " in f32" : "", *wrong);
      if (kept) impl_->blobs.drop(key);
      fault = fmt::format(
          "it failed its self-test on this machine: {}. Its file is damaged, its card is wrong, or OpenVINO computes "
          "wrong on this CPU: bring the file anew, check the card, or choose another model",
          *wrong);
      continue;
    }
    const auto tested = now();
    if (!kept) impl_->keep(*state, key);
    loaded.timings.keep_ms = to_ms(now() - tested);
    loaded.engine = std::make_shared<OpenVinoEngine>(std::move(state));
    loaded.precision = f32 ? Precision::kF32 : Precision::kDevices;
    return loaded;
  }
  return refused(fmt::format("the model \"{}\" cannot be used: {}", card.name, fault));
}

}  // namespace curlew
