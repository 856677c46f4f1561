#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "curlew/app/command_line.hpp"
#include "curlew/app/status_line.hpp"
#include "curlew/base/permits.hpp"
#include "curlew/config/config.hpp"
#include "curlew/core/download.hpp"
#include "curlew/decode/decoder.hpp"
#include "curlew/fetch/fetcher.hpp"
#include "curlew/fetch/make_fetcher.hpp"
#include "curlew/infer/model_library.hpp"
#include "curlew/pipeline/pipeline.hpp"

namespace curlew {

/// The config of a command, from its file, the environment and its flags; logging is set as it says.
///
/// Errors: StartupError (kUsage).
Config configure(const CommonOptions& common, const Environment& environment);

/// The models, and what brings them here.
struct ModelRoom {
  std::unique_ptr<Downloader> downloader;
  std::unique_ptr<ModelLibrary> library;
};

/// Shows downloads of models on `line`, which outlives what is returned.
OnDownload show_download(StatusLine& line);

/// Errors: StartupError (kUsage) for a network in allow_net that is none.
ModelRoom assemble_models(const Config& config, const Environment& environment, int workers, OnDownload on_download);

/// What brings the pictures; the budget outlives what draws on it.
struct FetchRoom {
  std::unique_ptr<ByteBudget> budget;
  std::unique_ptr<Fetcher> fetcher;
};

/// Errors: as assemble_models.
FetchRoom assemble_fetch(const Config& config, LocalFiles local_files = LocalFiles::kRead);

/// How many pixels a decoder is asked for.
enum class DecodedSize : std::uint8_t {
  kNetworkInput,  ///< or as few as a thumbnail has
  kWholePicture   ///< up to limits.megapixels
};

/// Makes each worker's decoder: in this process or, as decode.isolate says, in one of its own.
std::function<std::unique_ptr<Decoder>()> assemble_decoders(const Config& config, const Environment& environment,
                                                            DecodedSize largest = DecodedSize::kNetworkInput);

/// A pipeline from `source` to `sink`; the observer, where there is one, may have `largest` decoded.
///
/// Ownership: all that is handed in outlives it.
std::unique_ptr<Pipeline> assemble_pipeline(const Config& config, const Environment& environment,
                                            const PipelineLimits& limits, ItemSource& source, FetchRoom& fetch,
                                            LaneProvider& lanes, ResultSink& sink, const Beside& beside = {},
                                            DecodedSize largest = DecodedSize::kNetworkInput);

}  // namespace curlew
