#include "curlew/config/config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>

namespace curlew {
namespace {

/// A config is a page of text; a file of more is another file.
constexpr ByteCount kMaxConfigBytes = 1 * kMiB;

std::chrono::milliseconds to_milliseconds(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::string_view value_of(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view{} : std::string_view(found->second);
}

}  // namespace

Environment process_environment() {
  Environment variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

Result<std::string, ConfigError> read_config_file(const std::filesystem::path& path) {
  const auto failed = [&](std::string_view why) {
    return tl::make_unexpected(ConfigError{fmt::format("{}: {}", path.string(), why)});
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return failed("this is a folder, not a config file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed("the config file cannot be read");
  std::string text(kMaxConfigBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return failed("the config file cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxConfigBytes) return failed("the config file is larger than 1 MiB");
  return text;
}

FetchOptions fetch_options(const Config& config) {
  const Config::Fetch& fetch = config.fetch;
  return FetchOptions{.limits = {.picture_bytes = config.limits.picture_bytes,
                                 .connect = to_milliseconds(fetch.connect_timeout_s),
                                 .total = to_milliseconds(fetch.total_timeout_s),
                                 .download_total = to_milliseconds(fetch.download_timeout_s),
                                 .low_speed_bytes_per_s = fetch.low_speed_bytes_per_s,
                                 .low_speed_for = std::chrono::seconds(fetch.low_speed_time_s),
                                 .resolve = to_milliseconds(fetch.resolve_timeout_s),
                                 .redirects = fetch.redirects,
                                 .tries = fetch.tries,
                                 .connections_per_origin = fetch.connections_per_origin},
                      .allow_net = fetch.allow_net,
                      .user_agent = fetch.user_agent,
                      .ca_file = fetch.ca_file};
}

DecodeLimits decode_limits(const Config& config) {
  return DecodeLimits{.pixels = static_cast<std::uint64_t>(std::llround(config.limits.megapixels * 1e6)),
                      .side_px = config.limits.side_px};
}

PipelineLimits pipeline_limits(const Config& config, int cores) {
  return PipelineLimits{.items_in_flight = config.limits.items_in_flight,
                        .transfers_per_origin = config.fetch.connections_per_origin,
                        .workers = config.infer.workers < 0 ? std::max(cores, 1) : config.infer.workers,
                        .threads_per_worker = 2};
}

int command_line_workers(int cores) { return std::max({1, cores / 2, std::min(cores, 2)}); }

std::vector<std::filesystem::path> model_folders(const Config& config, const Environment& environment) {
  std::vector<std::filesystem::path> folders;
  std::string_view rest = value_of(environment, "CURLEW_MODELS");
  while (!rest.empty()) {
    const auto colon = std::min(rest.find(':'), rest.size());
    if (colon > 0) folders.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  folders.insert(folders.end(), config.models.path.begin(), config.models.path.end());
  return folders;
}

std::optional<std::filesystem::path> cache_folder(const Environment& environment) {
  namespace fs = std::filesystem;
  if (const auto own = value_of(environment, "CURLEW_CACHE"); !own.empty()) return fs::path(own);
  // The XDG base directory specification wants relative paths ignored.
  if (const fs::path xdg = value_of(environment, "XDG_CACHE_HOME"); xdg.is_absolute()) return xdg / "curlew";
  if (const auto home = value_of(environment, "HOME"); !home.empty()) return fs::path(home) / ".cache" / "curlew";
  return std::nullopt;
}

std::optional<std::filesystem::path> state_folder(const Environment& environment) {
  namespace fs = std::filesystem;
  if (const fs::path xdg = value_of(environment, "XDG_STATE_HOME"); xdg.is_absolute()) return xdg / "curlew";
  if (const auto home = value_of(environment, "HOME"); !home.empty()) {
    return fs::path(home) / ".local" / "state" / "curlew";
  }
  return std::nullopt;
}

std::string_view version() { return CURLEW_VERSION; }

}  // namespace curlew
