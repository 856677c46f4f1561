#include "curlew/app/children.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "curlew/app/assemble.hpp"
#include "curlew/app/model_choice.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/decode/avif_codec.hpp"
#include "curlew/decode/picture_decoder.hpp"
#include "curlew/decode/sniff.hpp"
#include "curlew/spawn/serve_decoder.hpp"
#include "curlew/spawn/serve_lane.hpp"
#ifdef CURLEW_TEST_HOOKS
#include "curlew/spawn/hostile_decoder.hpp"
#endif

namespace curlew {
namespace {

// No words for people: nothing in the help speaks of them.
constexpr std::string_view kDecodeChild = "decode-child";
constexpr std::string_view kLaneChild = "lane-child";

/// Those variables that a child needs: where its libraries are and what sanitizers are told; and where `configured`,
/// what this program itself reads.
std::vector<std::string> childs_environment(const Environment& environment, bool configured) {
  constexpr std::string_view kAlways[] = {"LD_LIBRARY_PATH", "TBB_ENABLE_SANITIZERS", "ASAN_OPTIONS", "UBSAN_OPTIONS"};
  constexpr std::string_view kConfigured[] = {"CURLEW_", "HOME", "XDG_"};
  const auto begins_with_one_of = [](std::string_view name, std::span<const std::string_view> starts) {
    return std::ranges::any_of(starts, [&](std::string_view start) { return name.starts_with(start); });
  };
  std::vector<std::string> kept;
  for (const auto& [name, value] : environment) {
    if (begins_with_one_of(name, kAlways) || (configured && begins_with_one_of(name, kConfigured))) {
      kept.push_back(fmt::format("{}={}", name, value));
    }
  }
  return kept;
}

std::unique_ptr<Decoder> make_decoder(const DecodeLimits& limits) {
  std::unique_ptr<Decoder> decoder = std::make_unique<PictureDecoder>(limits);
#ifdef CURLEW_TEST_HOOKS
  decoder = std::make_unique<HostileDecoder>(std::move(decoder));
#endif
  return decoder;
}

int decode() {
  return serve_decoder(
      {.make_decoder = make_decoder,
       .load_everything = [] { load_avif(); },
       .needs_loading = [](std::span<const std::byte> bytes) { return sniff(bytes) == PictureFormat::kAvif; }});
}

int name(const std::string& model, Task task, const std::string& config_file, const Environment& environment) {
  CommonOptions common;
  if (!config_file.empty()) common.config_file = config_file;
  ModelRoom room;
  return serve_lane([&]() -> Result<std::unique_ptr<Lane>, ModelUnavailable> {
    room = assemble_models(configure(common, environment), environment, 1, {});
    return choose_model(model, task, *room.library).and_then([&](const std::string& chosen) {
      // The sandbox, which is entered next, lets nothing load.
      return room.library->wait(chosen).and_then([&](const LoadReport&) { return room.library->open_lane(chosen); });
    });
  });
}

}  // namespace

ChildCommand decode_child(const Environment& environment) {
  ChildCommand command;
  command.arguments = {std::string(kDecodeChild)};
  command.environment = childs_environment(environment, false);
  command.keeps_stderr = log_enabled(LogLevel::kDebug);
  return command;
}

ChildCommand lane_child(const std::string& model, Task task, const std::optional<std::string>& config_file,
                        const Environment& environment) {
  ChildCommand command;
  command.arguments = {std::string(kLaneChild), model, std::string(to_string(task)), config_file.value_or("")};
  command.environment = childs_environment(environment, true);
  command.keeps_stderr = log_enabled(LogLevel::kDebug);
  return command;
}

std::optional<int> run_as_child(std::span<const std::string> arguments, const Environment& environment) {
  if (arguments.size() == 1 && arguments[0] == kDecodeChild) return decode();
  if (arguments.size() == 4 && arguments[0] == kLaneChild) {
    const Task task = arguments[2] == to_string(Task::kDetect) ? Task::kDetect : Task::kClassify;
    return name(arguments[1], task, arguments[3], environment);
  }
  return std::nullopt;
}

}  // namespace curlew
