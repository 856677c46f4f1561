#include "curlew/config/option_table.hpp"

#include <type_traits>

namespace curlew {
namespace {

using Texts = std::vector<std::string>;

constexpr auto kGibibyte = static_cast<std::int64_t>(kGiB);

LogLevel to_level(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "info") return LogLevel::kInfo;
  return name == "error" ? LogLevel::kError : LogLevel::kWarning;
}

/// Puts an option's value, whose type and limits are checked, into a member of Config.
template <auto Section, auto Member>
void put(Config& config, const OptionValue& value) {
  auto& member = config.*Section.*Member;
  using M = std::remove_reference_t<decltype(member)>;
  if constexpr (std::is_same_v<M, LogLevel>) {
    member = to_level(std::get<std::string>(value));
  } else if constexpr (std::is_integral_v<M> && !std::is_same_v<M, bool>) {
    member = static_cast<M>(std::get<std::int64_t>(value));
  } else {
    member = std::get<M>(value);
  }
}

Option integer(std::string_view section, std::string_view key, std::int64_t value, std::int64_t min, std::int64_t max,
               std::string_view help, decltype(Option::set) set) {
  return {.section = section,
          .key = key,
          .default_value = value,
          .min = static_cast<double>(min),
          .max = static_cast<double>(max),
          .choices = {},
          .help = help,
          .set = set};
}

Option number(std::string_view section, std::string_view key, double value, double min, double max,
              std::string_view help, decltype(Option::set) set) {
  return {.section = section,
          .key = key,
          .default_value = value,
          .min = min,
          .max = max,
          .choices = {},
          .help = help,
          .set = set};
}

Option text(std::string_view section, std::string_view key, std::string value, std::string_view help,
            decltype(Option::set) set, std::vector<std::string_view> choices = {}) {
  return {.section = section,
          .key = key,
          .default_value = std::move(value),
          .choices = std::move(choices),
          .help = help,
          .set = set};
}

Option flag(std::string_view section, std::string_view key, bool value, std::string_view help,
            decltype(Option::set) set) {
  return {.section = section, .key = key, .default_value = value, .choices = {}, .help = help, .set = set};
}

Option texts(std::string_view section, std::string_view key, std::string_view help, decltype(Option::set) set,
             Texts value = {}) {
  return {.section = section, .key = key, .default_value = std::move(value), .choices = {}, .help = help, .set = set};
}

constexpr OptionSection kSections[] = {
    {"http", "What the service answers over HTTP."},
    {"zmq", "What the service answers and publishes over ZeroMQ."},
    {"store", "Where the service keeps batches."},
    {"fetch", "How pictures and models are brought over HTTP."},
    {"decode", "How pictures become pixels."},
    {"infer", "How networks are run."},
    {"models", "Which networks answer."},
    {"limits", "What one list, one picture and all that is under way may take."},
    {"log", "What is written to standard error."},
};

std::vector<Option> fetch_options_rows() {
  using C = Config;
  using F = Config::Fetch;
  return {
      texts("fetch", "allow_net",
            "Networks that may be fetched from although their addresses are not public, as CIDRs (`10.1.0.0/16`).",
            put<&C::fetch, &F::allow_net>),
      text("fetch", "user_agent",
           "Curlew/" + std::string(version()) + " (image classifier; set fetch.user_agent to name who runs it)",
           "What origins are told of who fetches; some refuse programs that do not say where to complain.",
           put<&C::fetch, &F::user_agent>),
      text("fetch", "ca_file", "",
           "A PEM file of the authorities that certificates are checked against; empty: the system's.",
           put<&C::fetch, &F::ca_file>),
      number("fetch", "connect_timeout_s", 5.0, 0.1, 300.0, "Seconds until a connection must stand, TLS included.",
             put<&C::fetch, &F::connect_timeout_s>),
      number("fetch", "resolve_timeout_s", 5.0, 0.1, 300.0, "Seconds until a host's addresses must be known.",
             put<&C::fetch, &F::resolve_timeout_s>),
      number("fetch", "total_timeout_s", 30.0, 0.1, 3600.0,
             "Seconds for one picture, over all its tries and redirects.", put<&C::fetch, &F::total_timeout_s>),
      number("fetch", "download_timeout_s", 600.0, 1.0, 86'400.0, "Seconds for one download of a model's file.",
             put<&C::fetch, &F::download_timeout_s>),
      integer("fetch", "low_speed_bytes_per_s", 1024, 0, kGibibyte,
              "Bytes a second; an origin that stays slower for `low_speed_time_s` is given up. 0: none is.",
              put<&C::fetch, &F::low_speed_bytes_per_s>),
      integer("fetch", "low_speed_time_s", 10, 1, 3600,
              "Seconds that an origin may be slower than `low_speed_bytes_per_s`.",
              put<&C::fetch, &F::low_speed_time_s>),
      integer("fetch", "redirects", 5, 0, 20, "How many redirects are followed for one picture.",
              put<&C::fetch, &F::redirects>),
      integer("fetch", "tries", 3, 1, 10, "How often one picture is tried where the failure may pass.",
              put<&C::fetch, &F::tries>),
      integer("fetch", "connections_per_origin", 6, 1, 256, "How many pictures are fetched from one origin at once.",
              put<&C::fetch, &F::connections_per_origin>),
  };
}

std::vector<Option> decode_rows() {
  using C = Config;
  using D = Config::Decode;
  return {
      flag("decode", "isolate", true,
           "Whether pictures are decoded in processes of their own that can open nothing, so that a hostile one harms "
           "nothing but its own result. The command line does so only where this is set or with `--spawn`: a short run "
           "would wait for their start.",
           put<&C::decode, &D::isolate>),
      number("decode", "timeout_s", 10.0, 0.1, 3600.0,
             "Seconds that one picture may be decoded in a process of its own; then that is ended.",
             put<&C::decode, &D::timeout_s>),
      integer("decode", "memory_bytes", kGibibyte, 64 * static_cast<std::int64_t>(kMiB), 1024 * kGibibyte,
              "Bytes of memory that one picture may take in a process of its own.", put<&C::decode, &D::memory_bytes>),
  };
}

std::vector<Option> network_rows() {
  using C = Config;
  return {
      integer(
          "infer", "workers", -1, -1, 1024,
          "Workers that decode and name pictures, each as many as a core can; -1: one a core, 0: none in this process.",
          put<&C::infer, &C::Infer::workers>),
      text("infer", "device", "CPU", "The OpenVINO device that runs the networks, such as `CPU` or `GPU`.",
           put<&C::infer, &C::Infer::device>),
      flag("infer", "requantize", true,
           "Whether the weights of TFLite's uint8 networks are made symmetric, so that the CPU's int8 units run them.",
           put<&C::infer, &C::Infer::requantize>),
      integer("infer", "answer_cache_bytes", 64 * static_cast<std::int64_t>(kMiB), 0, 1024 * kGibibyte,
              "Bytes of memory for answers of the service to pictures whose bytes came before; 0: each is named anew.",
              put<&C::infer, &C::Infer::answer_cache_bytes>),
      text("models", "classify", "birds", "The model that answers `classify`: a card's name or a file.",
           put<&C::models, &C::Models::classify>),
      text("models", "detect", "coco", "The model that answers `detect`: a card's name or a file.",
           put<&C::models, &C::Models::detect>),
      texts("models", "path",
            "Folders that are searched for models' files before any download, after those of `CURLEW_MODELS`.",
            put<&C::models, &C::Models::path>),
  };
}

std::vector<Option> limit_rows() {
  using C = Config;
  using L = Config::Limits;
  return {
      integer("limits", "list_items", 10'000, 1, 1'000'000, "How many URLs one list may have.",
              put<&C::limits, &L::list_items>),
      integer("limits", "picture_bytes", 20 * static_cast<std::int64_t>(kMiB), 1, 2 * kGibibyte,
              "Bytes that one picture's file may have.", put<&C::limits, &L::picture_bytes>),
      number("limits", "megapixels", 50.0, 0.001, 1000.0, "Millions of pixels that one picture may have.",
             put<&C::limits, &L::megapixels>),
      integer("limits", "side_px", 16'384, 1, 65'535, "Pixels that one side of a picture may have.",
              put<&C::limits, &L::side_px>),
      integer("limits", "items_in_flight", 64, 1, 100'000,
              "How many pictures are under way at once, from fetch to result.", put<&C::limits, &L::items_in_flight>),
      integer("limits", "bytes_in_flight", 512 * static_cast<std::int64_t>(kMiB), static_cast<std::int64_t>(kMiB),
              1024 * kGibibyte, "Bytes that the files of all pictures under way may take together.",
              put<&C::limits, &L::bytes_in_flight>),
  };
}

std::vector<Option> service_rows() {
  using C = Config;
  using H = Config::Http;
  using Z = Config::Zmq;
  return {
      text("http", "listen", "127.0.0.1:8000",
           "Address and port that the service listens at; `0.0.0.0:8000` is every address, empty is none.",
           put<&C::http, &H::listen>),
      text("http", "worker_listen", "",
           "Address and port at which `curlew worker` answers probes and `/metrics`; empty is none.",
           put<&C::http, &H::worker_listen>),
      texts(
          "http", "hosts",
          "Names that the service goes by beside `localhost` and its addresses; requests for other names are refused, "
          "so that no web page can reach it through a name of its own. `*`: any.",
          put<&C::http, &H::hosts>),
      texts("http", "trusted_proxies",
            "Networks (CIDRs) whose `X-Forwarded-For` tells the client's address, for logs and limits.",
            put<&C::http, &H::trusted_proxies>),
      texts("http", "api_keys", "Keys that clients must send as `Authorization: Bearer KEY`; none: everybody may ask.",
            put<&C::http, &H::api_keys>),
      text(
          "http", "tls_certificate", "",
          "A PEM file with the certificate of the service and, behind it, its chain: with it and `tls_key` the service "
          "speaks HTTPS and nothing else. Empty: plain HTTP. SIGHUP reads both files again.",
          put<&C::http, &H::tls_certificate>),
      text("http", "tls_key", "", "A PEM file with the private key of `tls_certificate`, without a passphrase.",
           put<&C::http, &H::tls_key>),
      texts("zmq", "pub_sockets",
            "Where results and heartbeats are published: `tcp://ADDRESS:PORT` (`*`: every address) or `ipc://PATH`; "
            "none: "
            "nowhere. `curlew predict` listens to the first. Where a config file NAME.toml does not say: "
            "`tcp://127.0.0.1:56853` and `NAME_pub.sock` in the folder for temporary files.",
            put<&C::zmq, &Z::pub_sockets>, {"tcp://127.0.0.1:56853", "ipc:///tmp/curlew_pub.sock"}),
      texts("zmq", "rep_sockets",
            "Where requests are taken, as `pub_sockets`; where a file does not say: `tcp://127.0.0.1:56854` and "
            "`NAME_rep.sock`.",
            put<&C::zmq, &Z::rep_sockets>, {"tcp://127.0.0.1:56854", "ipc:///tmp/curlew_rep.sock"}),
      text("zmq", "task", "detect", "What `predict` does where a request does not say.", put<&C::zmq, &Z::task>,
           {"classify", "detect"}),
      flag("zmq", "allow_quit", false, "Whether the command `quit` ends the service.", put<&C::zmq, &Z::allow_quit>),
      integer(
          "zmq", "join_ms", 50, 0, 60'000,
          "Milliseconds that the first results of a request wait for its client to subscribe, where it does not say "
          "that it has; with no subscriber at all they wait up to 5 s.",
          put<&C::zmq, &Z::join_ms>),
      text("store", "url", "sqlite:",
           "Where batches are kept: `sqlite:` (a file under `$XDG_STATE_HOME/curlew`), `sqlite:PATH`, `memory:`, "
           "or, so that several machines share them, `redis://[USER:PASSWORD@]HOST:PORT/DB`.",
           put<&C::store, &C::Store::url>),
      number("store", "lease_s", 30.0, 1.0, 3600.0,
             "With Redis: seconds after which the pictures of a process that is not heard of any more are given to "
             "others.",
             put<&C::store, &C::Store::lease_s>),
  };
}

std::vector<Option> service_limit_rows() {
  using C = Config;
  using L = Config::Limits;
  return {
      integer("limits", "queue_items", 1'000'000, 1, 100'000'000,
              "How many pictures of all batches may wait; beyond, new batches get 503.",
              put<&C::limits, &L::queue_items>),
      number("limits", "client_requests_per_s", 0.0, 0.0, 1e6,
             "Requests a second that one client may send; beyond, it gets 429. 0: no limit.",
             put<&C::limits, &L::client_requests_per_s>),
      integer("limits", "connections", 4096, 1, 1'000'000,
              "How many clients may be connected; when all are, the longest idle one is closed.",
              put<&C::limits, &L::connections>),
      integer("limits", "json_body_bytes", 8 * static_cast<std::int64_t>(kMiB), 1024, kGibibyte,
              "Bytes that a JSON body may have; beyond: 413.", put<&C::limits, &L::json_body_bytes>),
      integer("limits", "image_body_bytes", 20 * static_cast<std::int64_t>(kMiB), 1024, kGibibyte,
              "Bytes that a picture sent as a body may have; beyond: 413.", put<&C::limits, &L::image_body_bytes>),
      integer("limits", "multipart_body_bytes", 40 * static_cast<std::int64_t>(kMiB), 1024, kGibibyte,
              "Bytes that a form with pictures may have; beyond: 413.", put<&C::limits, &L::multipart_body_bytes>),
      number("limits", "request_head_s", 10.0, 0.1, 3600.0, "Seconds for the head of a request.",
             put<&C::limits, &L::request_head_s>),
      number("limits", "keep_alive_s", 60.0, 0.1, 86'400.0, "Seconds that a connection without a request stays open.",
             put<&C::limits, &L::keep_alive_s>),
      number("limits", "keep_batches_h", 24.0, 0.001, 8'760.0, "Hours that a batch is kept after it was made.",
             put<&C::limits, &L::keep_batches_h>),
      number("limits", "shutdown_grace_s", 20.0, 0.0, 3600.0,
             "Seconds that the service takes to finish what is under way when it is told to stop.",
             put<&C::limits, &L::shutdown_grace_s>),
      text("log", "level", "warning", "The least that is logged.", put<&C::log, &C::Log::level>,
           {"debug", "info", "warning", "error"}),
  };
}

std::vector<Option> make_table() {
  std::vector<Option> table = service_rows();
  for (std::vector<Option> rows :
       {fetch_options_rows(), decode_rows(), network_rows(), limit_rows(), service_limit_rows()}) {
    for (Option& row : rows) table.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::span<const OptionSection> option_sections() { return kSections; }

std::span<const Option> option_table() {
  static const std::vector<Option> table = make_table();
  return table;
}

Config::Config() {
  for (const Option& option : option_table()) option.set(*this, option.default_value);
}

}  // namespace curlew
