#include "curlew/infer/openvino_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <openvino/openvino.hpp>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/thread.hpp"
#include "curlew/infer/blob_cache.hpp"
#include "curlew/infer/labels.hpp"
#include "curlew/infer/openvino_lane.hpp"
#include "curlew/infer/openvino_network.hpp"
#include "curlew/infer/requantize.hpp"
#include "curlew/infer/self_test.hpp"

namespace curlew {

namespace {

using State = OpenVinoEngine::State;

tl::unexpected<ModelUnavailable> refused(std::string why) {
  return tl::make_unexpected(ModelUnavailable{std::move(why)});
}

/// OpenVINO looks into the current folder for plugins that are not beside it, and ends the process where that may not
/// be read, as under `sudo -u` in somebody's home. No path that begins there leads anywhere then, so another does no
/// harm.
void leave_unreadable_folder() {
  std::error_code error;
  static_cast<void>(std::filesystem::status("libopenvino.so", error));
  if (error == std::errc::permission_denied) std::filesystem::current_path("/", error);
}

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

/// The card's parts that the compiled graph depends on; -1 is what the card leaves out.
std::string graph_key(const ModelCard& card) {
  const CardInput& in = card.input;
  const auto number = [](const auto& word) { return word ? static_cast<int>(*word) : -1; };
  const auto three = [](const std::optional<std::array<float, 3>>& values) {
    return values ? fmt::format("{}", fmt::join(*values, " ")) : "-1";
  };
  return fmt::format("{} {}x{} layout {} element {} colour {} mean {} scale {} form {} {}\n", to_string(card.task),
                     in.width_px, in.height_px, number(in.layout), number(in.element), number(in.colour),
                     three(in.mean), three(in.scale), number(card.output.form), number(card.detection.form));
}

/// An input buffer for OpenVINO's importer over bytes that are already in memory.
ov::Tensor as_tensor(std::span<const std::byte> bytes) {
  // The importer only reads; the type has no const form.
  return {ov::element::u8, {bytes.size()}, const_cast<std::byte*>(bytes.data())};
}

SelfTestAnswer run_self_test(const std::shared_ptr<State>& state, const CardSelfTest& test) {
  SelfTestAnswer answer{.test = test, .index = std::nullopt, .label = {}, .score = 0, .fault = "it could not be run"};
  without_exception("self-test", [&] { answer = OpenVinoLane(state).self_test(test); });
  return answer;
}

/// What is wrong with the card's background class.
std::optional<std::string> background_misfit(const State& state) {
  if (!state.output.background) return std::nullopt;
  const auto classes = static_cast<int>(ov::shape_size(state.compiled.output().get_shape()));
  if (*state.output.background < classes) return std::nullopt;
  return fmt::format("the card of \"{}\" says that class {} is the background; the network has {} classes",
                     state.id.name, *state.output.background, classes);
}

Result<std::vector<std::string>, ModelUnavailable> read_labels(const ModelCard& card, const FoundModel& found) {
  if (card.labels && !card.labels->names.empty()) return card.labels->names;
  if (!found.labels) return std::vector<std::string>();
  const auto text = read_small_file(*found.labels, kMaxLabelBytes);
  if (!text) return refused(fmt::format("the labels {} cannot be read", found.labels->filename().native()));
  return parse_labels(*text, card.labels ? card.labels->format : LabelFormat::kLines);
}

}  // namespace

OpenVinoEngine::OpenVinoEngine(std::shared_ptr<State> state) : state_(std::move(state)) {}

const InputFormat& OpenVinoEngine::input_format() const { return state_->input; }

const ModelId& OpenVinoEngine::model() const { return state_->id; }

std::size_t OpenVinoEngine::labels() const {
  return state_->labels.size() - static_cast<std::size_t>(std::ranges::count(state_->labels, ""));
}

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
  std::once_flag warmed;
  std::jthread warming;

  Impl(EngineOptions given, SelfTestJudge judging)
      : options(std::move(given)), judge(std::move(judging)), blobs(options.blob_folder) {
    leave_unreadable_folder();
    without_exception("starting OpenVINO", [&] { core.emplace(); });
  }

  bool is_cpu() const { return options.device.starts_with("CPU"); }

  ov::AnyMap properties(bool f32) const {
    if (!is_cpu()) return {ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY)};
    // Without pinning: streams would be tied to the first cores of the host, whatever the container may use.
    ov::AnyMap map{ov::num_streams(options.streams), ov::inference_num_threads(options.streams),
                   ov::hint::enable_cpu_pinning(false)};
    if (f32) map.insert(ov::hint::inference_precision(ov::element::f32));
    return map;
  }

  /// What the compiled network depends on. The number of streams is not part of it: that is said when it is taken.
  std::string blob_key(const ModelCard& card, const FoundModel& found, bool f32) const {
    return fmt::format("{}\n{}\n{}\nf32 {}, requantized {}\n{}{}", ov::get_openvino_version().buildNumber, found.sha256,
                       options.device, f32, options.requantize, graph_key(card), processor());
  }

  /// The network out of the cache; false where it is not there or cannot be taken.
  bool import(State& state, const std::string& key, bool f32, const ModelCard& card, const OnKnown& on_known) {
    state.blob = blobs.find(key);
    const auto form = state.blob ? network_form_of(state.blob->note) : std::nullopt;
    if (!form) return false;
    state.form = *form;
    if (on_known && card.input.width_px > 0 && card.input.height_px > 0) {
      on_known(input_of(state, card, card.input.width_px, card.input.height_px), state.id);
    }
    const bool imported = without_exception("a compiled network in the cache cannot be used and is made anew", [&] {
      state.compiled = core->import_model(as_tensor(state.blob->bytes), options.device, properties(f32));
    });
    if (!imported) blobs.drop(key);
    return imported;
  }

  Result<FittedNetwork, ModelUnavailable> read(const ModelCard& card, const FoundModel& found, EngineTimings& timings) {
    const std::string shown = found.network.filename().native();
    Result<FittedNetwork, ModelUnavailable> fitted = refused("it cannot be read as a network; the log says why");
    const auto began = now();
    without_exception("reading " + shown, [&] {
      fitted = fit_to_pictures(read_network(*core, found.network), card);
      if (fitted && options.requantize && is_cpu()) {
        const std::size_t changed = requantize(fitted->model);
        log_debug("{}: the weights of {} convolutions were made symmetric", shown, changed);
      }
    });
    timings.read_ms = to_ms(now() - began);
    if (!fitted) return refused(fmt::format("{} cannot be used: {}", shown, fitted.error().message));
    return fitted;
  }

  bool compile(State& state, const FittedNetwork& network, bool f32, EngineTimings& timings) {
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

  static InputFormat input_of(const State& state, const ModelCard& card, int width_px, int height_px) {
    return {.width_px = width_px,
            .height_px = height_px,
            .fit = feeding_of(card.input, card.fit, state.form, ElementKind::kU8).fit};
  }

  void describe(State& state, const ModelCard& card) const {
    const ov::Shape shape = state.compiled.input().get_shape();
    state.input = input_of(state, card, static_cast<int>(shape.at(2)), static_cast<int>(shape.at(1)));
    if (const auto* form = std::get_if<DetectionForm>(&state.form)) state.nms = nms_rule(card.detection, *form);
  }
};

OpenVinoRuntime::OpenVinoRuntime(EngineOptions options, SelfTestJudge judge)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(judge))) {}

OpenVinoRuntime::~OpenVinoRuntime() = default;

void OpenVinoRuntime::warm_up() {
  if (!impl_->core) return;
  const auto look = [impl = impl_.get()](const std::stop_token&) {
    without_exception("looking for the device " + impl->options.device, [&] {
      static_cast<void>(impl->core->get_property(impl->options.device, ov::device::full_name));  // any question does
    });
  };
  // Without the thread all is as well, a little later.
  without_exception("warming up",
                    [&] { std::call_once(impl_->warmed, [&] { impl_->warming = start_thread("warm-up", look); }); });
}

Result<LoadedEngine, ModelUnavailable> OpenVinoRuntime::load(const ModelCard& card, const FoundModel& found,
                                                             const OnKnown& on_known) {
  if (!impl_->core) return refused("OpenVINO cannot be started on this machine; the log says why");
  const auto labels = read_labels(card, found);
  if (!labels) return tl::make_unexpected(labels.error());
  LoadedEngine loaded;
  std::optional<FittedNetwork> network;
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
      if (!impl_->import(*state, key, f32, card, on_known)) continue;
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
    if (const auto misfit = background_misfit(*state)) return refused(*misfit);
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
