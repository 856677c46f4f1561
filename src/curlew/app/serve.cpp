#include "curlew/app/serve.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "curlew/app/assemble.hpp"
#include "curlew/app/interruption.hpp"
#include "curlew/app/library_board.hpp"
#include "curlew/app/model_choice.hpp"
#include "curlew/app/open_store.hpp"
#include "curlew/app/service_watch.hpp"
#include "curlew/app/thumbnailer.hpp"
#include "curlew/app/zmq_front.hpp"
#include "curlew/base/cores.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/base/thread.hpp"
#include "curlew/http/http_server.hpp"
#include "curlew/pipeline/turn_source.hpp"
#include "curlew/service/api.hpp"
#include "curlew/service/backend.hpp"

namespace curlew {
namespace {

constexpr int kErrandThreads = 2;
constexpr std::size_t kErrandsWaiting = 256;
constexpr std::chrono::seconds kBeat{10};  // a proxy that closes silent streams after 15 s does not close these
constexpr std::chrono::minutes kHousekeeping{1};
constexpr std::chrono::milliseconds kLastWords{500};  // for results to be written and published, after all grace

std::chrono::milliseconds ms_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

TlsFiles tls_files(const Config& config) {
  return {.certificate = config.http.tls_certificate, .key = config.http.tls_key};
}

HttpOptions http_options(const Config& config) {
  HttpOptions options{.listen = config.http.listen,
                      .hosts = config.http.hosts,
                      .trusted_proxies = config.http.trusted_proxies,
                      .api_keys = config.http.api_keys,
                      .client_requests_per_s = config.limits.client_requests_per_s,
                      .tls = tls_files(config)};
  options.limits.connections = config.limits.connections;
  options.limits.json_body_bytes = config.limits.json_body_bytes;
  options.limits.image_body_bytes = config.limits.image_body_bytes;
  options.limits.multipart_body_bytes = config.limits.multipart_body_bytes;
  options.limits.head_time = ms_of(config.limits.request_head_s);
  options.limits.idle_time = ms_of(config.limits.keep_alive_s);
  return options;
}

/// The name of a task's model in the library; "" where the config's cannot be used, which the log tells.
std::string configured_model(const std::string& wanted, Task task, ModelLibrary& library) {
  if (wanted.empty()) return "";
  const auto name = choose_model(wanted, task, library);
  if (name) return *name;
  log_error("models.{} = \"{}\": {}", to_string(task), wanted, name.error().message);
  return "";
}

/// One service, everything in the order in which it is built; it ends the other way round.
class ServiceRun {
 public:
  ServiceRun(const ServiceCommand& command, const Environment& environment, const Streams& streams)
      : command_(command),
        environment_(environment),
        streams_(streams),
        config_(configure(command.common, environment)),
        workers_(pipeline_limits(config_, usable_cores()).workers),
        models_(assemble_models(config_, environment, workers_, {})),
        board_(*models_.library, configured_model(config_.models.classify, Task::kClassify, *models_.library),
               configured_model(config_.models.detect, Task::kDetect, *models_.library)),
        fetch_(assemble_fetch(config_, LocalFiles::kRefused)),
        kept_(open_store(config_, environment)),
        direct_(open_direct_store(config_)),
        watch_(std::make_shared<ServiceWatch>()),
        backend_(*kept_, *direct_,
                 {.item = [this](Task task, const ItemResult& result) { watch_->item(task, result); },
                  .batch = [this](const BatchStatus& status) { watch_->batch(status); }}),
        source_({&backend_.direct_source(), &backend_.kept_source()}),
        pipeline_(assemble_pipeline(config_, environment, workers_, source_, fetch_, *models_.library, backend_,
                                    &thumbnailer_)),
        heartbeat_(
            kBeat, [this] { keep_house(); }, kHousekeeping),
        errands_(kErrandThreads, kErrandsWaiting) {
    watch_->read_store(*kept_, *direct_);
    watch_->read_pipeline(*pipeline_);
  }

  ExitStatus run() {
    interruption_.on_first([this] { told_to_stop(); });
    zmq_ = std::make_unique<ZmqFront>(config_, ZmqFront::Parts{.backend = backend_,
                                                               .board = board_,
                                                               .state = state_,
                                                               .taken = [this] { watch_->batch_taken(); },
                                                               .turned_away = [this] { watch_->batch_turned_away(); },
                                                               .quit = [this](int status) { quit(status); }});
    Router router;
    add_api_routes(router, {.backend = backend_,
                            .board = board_,
                            .state = state_,
                            .errands = errands_,
                            .heartbeat = heartbeat_,
                            .max_items = config_.limits.list_items,
                            .version = std::string(version()),
                            .metrics = [this] { return watch_->text(); }});
    HttpServer server(http_options(config_), std::move(router), watch_);
    if (!config_.http.listen.empty()) {
      server.start();
      streams_.err << fmt::format("Curlew listens at {}://{} (API: /v1, description: /openapi.json, /metrics)\n",
                                  tls_files(config_).named() ? "https" : "http", address(server.port()));
    }
    streams_.err << zmq_->listens_at() << std::flush;
    pipeline_->start();
    zmq_->start();
    interruption_.on_hangup([this, &server] { reload(server); });
    const auto loading = start_thread("models", [this](const std::stop_token&) { load_models(); });
    wait_for_the_end();
    interruption_.on_hangup({});
    drain(server);
    return static_cast<ExitStatus>(exit_status_.load());
  }

 private:
  std::string address(std::uint16_t port) const {
    const auto colon = config_.http.listen.rfind(':');
    return fmt::format("{}:{}", config_.http.listen.substr(0, colon), port);
  }

  /// Ready as soon as each has passed its self-test or is known not to be had, and one has passed.
  void load_models() {
    bool one = false;
    for (const Task task : {Task::kClassify, Task::kDetect}) {
      if (const auto model = board_.default_of(task)) models_.library->preload(model->name);
    }
    for (const Task task : {Task::kClassify, Task::kDetect}) {
      const auto model = board_.default_of(task);
      if (!model || !board_.await(model->name)) continue;
      one = true;
      watch_->model(task, *board_.find(model->name));
      log_info("{}: {} is ready", to_string(task), model->name);
    }
    if (one || stopping()) return state_.become_ready();
    log_error("no model is to be had: nothing can be answered. `curlew models list` says where they are looked for");
  }

  void keep_house() {
    for (JobStore* store : {kept_.get(), direct_.get()}) {
      if (const auto gone = store->expire(); !gone) log_warning("the store: {}", gone.error().message);
    }
  }

  void told_to_stop() {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }

  void quit(int status) {
    exit_status_ = status;
    told_to_stop();
  }

  /// Also where the config is broken now: sockets may have been taken away, and certificates expire.
  void reload(HttpServer& server) {
    std::optional<Config> fresh;
    try {
      fresh = configure(command_.common, environment_);
    } catch (const StartupError& e) {
      log_error("the config cannot be read again, and the one before holds: {}", e.what());
    }
    const Config& config = fresh ? *fresh : config_;
    zmq_->rebind(config);
    if (!config_.http.listen.empty()) server.reload_tls(tls_files(config));
    if (fresh) log_info("the sockets of ZeroMQ are bound anew; other keys of the config hold from the next start on");
  }

  bool stopping() {
    const std::scoped_lock lock(mutex_);
    return stop_;
  }

  void wait_for_the_end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stop_; });
  }

  /// Not ready first, while balancers and clients can still hear of it; then no more of what is kept, then what
  /// somebody waits for, then the end. What is kept and has no result waits for the next start.
  void drain(HttpServer& server) {
    log_info("stopping: what is under way has {} s", config_.limits.shutdown_grace_s);
    const TimePoint end = now() + ms_of(config_.limits.shutdown_grace_s);
    state_.begin_drain();
    models_.library->cancel();
    backend_.kept_source().close();
    std::promise<void> done;
    const auto finished = done.get_future();
    const auto finisher = start_thread("drain", [&](const std::stop_token&) {
      backend_.wait_until_direct_is_done(end);
      backend_.direct_source().close();
      pipeline_->wait();
      done.set_value();
    });
    if (finished.wait_until(end) != std::future_status::ready) pipeline_->cancel();
    finished.wait();
    zmq_->flush(std::max(end, now() + kLastWords));
    server.end_streams();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - now());
    server.stop(std::max(left, std::chrono::milliseconds(100)));
  }

  const ServiceCommand& command_;
  const Environment& environment_;
  const Streams& streams_;
  Interruption interruption_{Hangup::kReload};
  const Config config_;
  const int workers_;
  ModelRoom models_;
  LibraryBoard board_;
  FetchRoom fetch_;
  const std::unique_ptr<JobStore> kept_;
  const std::unique_ptr<JobStore> direct_;
  const std::shared_ptr<ServiceWatch> watch_;
  Backend backend_;
  TurnSource source_;
  Thumbnailer thumbnailer_;
  std::unique_ptr<Pipeline> pipeline_;
  ServiceState state_;
  Heartbeat heartbeat_;
  Errands errands_;  // whose last ones may still use the one above
  std::unique_ptr<ZmqFront> zmq_;
  std::atomic<int> exit_status_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
};

}  // namespace

ExitStatus serve(const ServiceCommand& command, const Environment& environment, const Streams& streams) {
  if (command.show_defaults) {
    streams.out << default_config_toml() << std::flush;
    return ExitStatus::kOk;
  }
  return ServiceRun(command, environment, streams).run();
}

}  // namespace curlew
