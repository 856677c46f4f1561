#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/result.hpp"
#include "curlew/decode/decoder.hpp"
#include "curlew/fetch/fetch_limits.hpp"
#include "curlew/pipeline/pipeline.hpp"

namespace curlew {

/// Everything that can be set, as plain values. Defaults, limits and help stand in option_table.cpp.
struct Config {
  struct Http {
    std::string listen;         ///< address and port; "": nothing listens
    std::string worker_listen;  ///< "": a worker answers no probes
    std::vector<std::string> hosts;
    std::vector<std::string> trusted_proxies;
    std::vector<std::string> api_keys;
    std::string tls_certificate;  ///< PEM file; "": plain HTTP
    std::string tls_key;
  };
  struct Zmq {
    std::vector<std::string> pub_sockets;
    std::vector<std::string> rep_sockets;
    std::string task;
    bool allow_quit = false;
    int join_ms = 0;
  };
  struct Store {
    std::string url;
    double lease_s = 0;
  };
  struct Fetch {
    std::vector<std::string> allow_net;
    std::string user_agent;
    std::string ca_file;
    double connect_timeout_s = 0;
    double resolve_timeout_s = 0;
    double total_timeout_s = 0;
    double download_timeout_s = 0;
    ByteCount low_speed_bytes_per_s = 0;
    int low_speed_time_s = 0;
    int redirects = 0;
    int tries = 0;
    int connections_per_origin = 0;
  };
  struct Decode {
    bool isolate = false;
    double timeout_s = 0;
    ByteCount memory_bytes = 0;
  };
  struct Infer {
    int workers = 0;  ///< -1: one a core
    std::string device;
    bool requantize = false;
    ByteCount answer_cache_bytes = 0;
  };
  struct Models {
    std::string classify;
    std::string detect;
    std::vector<std::string> path;
  };
  struct Limits {
    std::size_t list_items = 0;
    ByteCount picture_bytes = 0;
    double megapixels = 0;
    int side_px = 0;
    std::size_t items_in_flight = 0;
    ByteCount bytes_in_flight = 0;
    std::size_t queue_items = 0;
    double client_requests_per_s = 0;  ///< 0: no limit
    std::size_t connections = 0;
    ByteCount json_body_bytes = 0;
    ByteCount image_body_bytes = 0;
    ByteCount multipart_body_bytes = 0;
    double request_head_s = 0;
    double keep_alive_s = 0;
    double keep_batches_h = 0;
    double shutdown_grace_s = 0;
  };
  struct Log {
    LogLevel level = LogLevel::kWarning;
  };

  /// With the defaults of the table.
  Config();

  Http http;
  Zmq zmq;
  Store store;
  Fetch fetch;
  Decode decode;
  Infer infer;
  Models models;
  Limits limits;
  Log log;
};

/// Why a config is not taken: file and line, variable or flag; the key; what is allowed.
struct ConfigError {
  std::string message;
};

/// Environment variables by name.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The environment of this process; nothing else in Curlew reads it.
///
/// Threads: before others are started.
Environment process_environment();

/// A value given as a flag. Several `values` make a list; a key of another type takes exactly one.
struct ConfigOverride {
  std::string key;   ///< "fetch.allow_net"
  std::string flag;  ///< "--allow-net", for the message
  std::vector<std::string> values;
};

/// Where a config comes from: flags go before the environment, that before the file, that before the presets of a
/// command, those before the defaults.
struct ConfigSources {
  std::string file_name;            ///< for messages
  std::optional<std::string> toml;  ///< what the file holds
  Environment environment;
  std::vector<ConfigOverride> overrides;
  std::vector<ConfigOverride> presets = {};
};

struct LoadedConfig {
  Config config;
  std::vector<std::string> warnings;  ///< variables that look like keys and are none; a line each
};

/// Reads all sources. A variable CURLEW_<SECTION>_<KEY> is one key, its list separated by commas; one that is set to
/// nothing counts for texts and lists only.
Result<LoadedConfig, ConfigError> load_config(const ConfigSources& sources);

/// The text of a config file of at most 1 MiB.
Result<std::string, ConfigError> read_config_file(const std::filesystem::path& path);

/// A whole config file with the defaults and a comment a key; it can be read back.
std::string default_config_toml();

/// docs/configuration.md, from the table of options.
std::string configuration_markdown();

FetchOptions fetch_options(const Config& config);
DecodeLimits decode_limits(const Config& config);

/// `cores`: what usable_cores() says.
PipelineLimits pipeline_limits(const Config& config, int cores);

/// How many workers the command line has where nobody says: half of the cores, but 2 where there are 2.
int command_line_workers(int cores);

/// The folders that are searched for a model's files, in order: those of CURLEW_MODELS, then those of models.path.
std::vector<std::filesystem::path> model_folders(const Config& config, const Environment& environment);

/// CURLEW_CACHE, else $XDG_CACHE_HOME/curlew, else ~/.cache/curlew; nothing where there is no home either.
std::optional<std::filesystem::path> cache_folder(const Environment& environment);

/// $XDG_STATE_HOME/curlew, else ~/.local/state/curlew; nothing where there is no home either.
std::optional<std::filesystem::path> state_folder(const Environment& environment);

/// The version of this build: "0.1.0".
std::string_view version();

}  // namespace curlew
