#include "curlew/app/assemble.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <system_error>
#include <utility>

#include "curlew/app/children.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/decode/picture_decoder.hpp"
#include "curlew/fetch/make_fetcher.hpp"
#include "curlew/spawn/spawned_decoder.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

/// Where an installed or freshly built program has the models that came with it.
std::optional<fs::path> packaged_models() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  return program.parent_path().parent_path() / "share" / "curlew" / "models";
}

std::optional<LogLevel> level_of(int verbosity) {
  if (verbosity >= 2) return LogLevel::kDebug;
  if (verbosity == 1) return LogLevel::kInfo;
  return std::nullopt;
}

ShelfFolders shelf_folders(const Config& config, const Environment& environment) {
  ShelfFolders folders;
  folders.search = model_folders(config, environment);
  if (const auto packaged = packaged_models()) folders.search.push_back(*packaged);
  if (const auto cache = cache_folder(environment)) {
    folders.cache = *cache;
  } else {
    log_warning("neither CURLEW_CACHE nor HOME is set: nothing is kept for the next run");
  }
  return folders;
}

SpawnedDecoderOptions spawned_decoder_options(const Config& config, const Environment& environment,
                                              DecodedSize largest) {
  SpawnedDecoderOptions options;
  options.command = decode_child(environment);
  options.log_level = log_enabled(LogLevel::kDebug) ? LogLevel::kDebug : LogLevel::kError;
  options.limits = decode_limits(config);
  options.picture_bytes = config.limits.picture_bytes;
  if (largest == DecodedSize::kWholePicture) {
    options.pixel_bytes = std::max<ByteCount>(options.pixel_bytes, options.limits.pixels * 3);
  }
  options.memory = config.decode.memory_bytes;
  options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(config.decode.timeout_s * 1000));
  return options;
}

template <class T>
T value_or_throw(Result<T, std::string> result) {
  if (!result) throw StartupError(ExitStatus::kUsage, "fetch.allow_net: " + result.error());
  return std::move(*result);
}

/// The sockets of a config file that does not name any, as the service before Curlew had them: called after the file,
/// so that who shares the file finds them.
std::vector<ConfigOverride> socket_presets(const std::string& config_file, const Environment& environment) {
  const auto tmpdir = environment.find("TMPDIR");
  const fs::path folder =
      tmpdir == environment.end() || tmpdir->second.empty() ? fs::path("/tmp") : fs::path(tmpdir->second);
  const std::string name = fs::path(config_file).stem().string();
  const auto preset = [&](const std::string& key, const std::string& tcp, const std::string& ending) {
    return ConfigOverride{.key = key, .flag = key, .values = {tcp, "ipc://" + (folder / (name + ending)).string()}};
  };
  return {preset("zmq.pub_sockets", "tcp://127.0.0.1:56853", "_pub.sock"),
          preset("zmq.rep_sockets", "tcp://127.0.0.1:56854", "_rep.sock")};
}

}  // namespace

Config configure(const CommonOptions& common, const Environment& environment) {
  ConfigSources sources{.file_name = common.config_file.value_or(""),
                        .toml = std::nullopt,
                        .environment = environment,
                        .overrides = common.overrides,
                        .presets = common.presets};
  if (common.config_file) {
    auto text = read_config_file(*common.config_file);
    if (!text) throw StartupError(ExitStatus::kUsage, text.error().message);
    sources.toml = std::move(*text);
    const auto sockets = socket_presets(*common.config_file, environment);
    sources.presets.insert(sources.presets.begin(), sockets.begin(), sockets.end());
  }
  auto loaded = load_config(sources);
  if (!loaded) throw StartupError(ExitStatus::kUsage, loaded.error().message);
  set_log_level(level_of(common.verbosity).value_or(loaded->config.log.level));
  for (const auto& warning : loaded->warnings) log_warning("{}", warning);
  return std::move(loaded->config);
}

OnDownload show_download(StatusLine& line) {
  return [&line](const DownloadProgress& progress) {
    const auto mib = static_cast<double>(kMiB);
    line.show(fmt::format("Downloading {}: {:.1f} of {:.1f} MiB", progress.file,
                          static_cast<double>(progress.done) / mib, static_cast<double>(progress.total) / mib));
  };
}

ModelRoom assemble_models(const Config& config, const Environment& environment, int workers, OnDownload on_download) {
  ModelRoom room;
  room.downloader = value_or_throw(make_downloader(fetch_options(config)));
  const auto folders = shelf_folders(config, environment);
  const auto blobs = folders.cache.empty() ? fs::path() : folders.cache / "compiled";
  room.library = std::make_unique<ModelLibrary>(LibraryOptions{.folders = folders,
                                                               .engine = {.streams = workers,
                                                                          .device = config.infer.device,
                                                                          .requantize = config.infer.requantize,
                                                                          .blob_folder = blobs},
                                                               .on_download = std::move(on_download),
                                                               .early_lanes = true},
                                                *room.downloader);
  return room;
}

FetchRoom assemble_fetch(const Config& config, LocalFiles local_files) {
  FetchRoom room;
  room.budget = std::make_unique<ByteBudget>(config.limits.bytes_in_flight);
  room.fetcher = value_or_throw(make_fetcher(fetch_options(config), *room.budget, local_files));
  return room;
}

std::function<std::unique_ptr<Decoder>()> assemble_decoders(const Config& config, const Environment& environment,
                                                            DecodedSize largest) {
  if (!config.decode.isolate) {
    return [limits = decode_limits(config)] { return std::make_unique<PictureDecoder>(limits); };
  }
  return [options = spawned_decoder_options(config, environment, largest)] {
    return std::make_unique<SpawnedDecoder>(options);
  };
}

std::unique_ptr<Pipeline> assemble_pipeline(const Config& config, const Environment& environment,
                                            const PipelineLimits& limits, ItemSource& source, FetchRoom& fetch,
                                            LaneProvider& lanes, ResultSink& sink, const Beside& beside,
                                            DecodedSize largest) {
  return std::make_unique<Pipeline>(PipelineParts{.source = source,
                                                  .fetcher = *fetch.fetcher,
                                                  .make_decoder = assemble_decoders(config, environment, largest),
                                                  .lanes = lanes,
                                                  .sink = sink,
                                                  .beside = beside},
                                    limits);
}

}  // namespace curlew
