#include "curlew/app/serve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "curlew/app/assemble.hpp"
#include "curlew/app/interruption.hpp"
#include "curlew/app/work_room.hpp"
#include "curlew/app/zmq_front.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/http/http_server.hpp"
#include "curlew/service/api.hpp"

namespace curlew {
namespace {

constexpr std::chrono::milliseconds kLastWords{500};  // for results to be written and published, after all grace

std::chrono::milliseconds ms_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

/// One service, everything in the order in which it is built; it ends the other way round.
class ServiceRun {
 public:
  ServiceRun(const ServiceCommand& command, const Environment& environment, const Streams& streams)
      : command_(command),
        environment_(environment),
        streams_(streams),
        work_(configure(command.common, environment), environment, StoreRole::kService) {}

  ExitStatus run() {
    interruption_.on_first([this] { told_to_stop(); });
    zmq_ = std::make_unique<ZmqFront>(config(),
                                      ZmqFront::Parts{.backend = work_.backend(),
                                                      .board = work_.board(),
                                                      .state = work_.state(),
                                                      .others_publish = work_.shares_store(),
                                                      .taken = [this] { work_.watch()->batch_taken(); },
                                                      .turned_away = [this] { work_.watch()->batch_turned_away(); },
                                                      .quit = [this](int status) { quit(status); }});
    Router router;
    add_api_routes(router, work_.api_parts());
    HttpServer server(http_options(config()), std::move(router), work_.watch());
    if (!config().http.listen.empty()) {
      server.start();
      streams_.err << fmt::format("Curlew listens at {}://{} (API: /v1, description: /openapi.json, /metrics)\n",
                                  tls_files(config()).named() ? "https" : "http",
                                  listened_address(config().http.listen, server.port()));
    }
    streams_.err << zmq_->listens_at() << std::flush;
    work_.start();
    zmq_->start();
    interruption_.on_hangup([this, &server] { reload(server); });
    wait_for_the_end();
    interruption_.on_hangup({});
    drain(server);
    return static_cast<ExitStatus>(exit_status_.load());
  }

 private:
  const Config& config() const { return work_.config(); }

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
    const Config& current = fresh ? *fresh : config();
    zmq_->rebind(current);
    if (!config().http.listen.empty()) server.reload_tls(tls_files(current));
    if (fresh) log_info("the sockets of ZeroMQ are bound anew; other keys of the config hold from the next start on");
  }

  void wait_for_the_end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stop_; });
  }

  /// Not ready first, while balancers and clients can still hear of it; then no more of what is kept, then what
  /// somebody waits for, then the end. What is kept and has no result waits for the next start, or for a worker.
  void drain(HttpServer& server) {
    log_info("stopping: what is under way has {} s", config().limits.shutdown_grace_s);
    const TimePoint end = now() + ms_of(config().limits.shutdown_grace_s);
    work_.finish(end);
    zmq_->flush(std::max(end, now() + kLastWords));
    server.end_streams();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - now());
    server.stop(std::max(left, std::chrono::milliseconds(100)));
  }

  const ServiceCommand& command_;
  const Environment& environment_;
  const Streams& streams_;
  Interruption interruption_{Hangup::kReload};
  WorkRoom work_;
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
