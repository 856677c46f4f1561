#include "curlew/app/work.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <ostream>
#include <utility>

#include "curlew/app/assemble.hpp"
#include "curlew/app/interruption.hpp"
#include "curlew/app/work_room.hpp"
#include "curlew/base/log.hpp"
#include "curlew/http/http_server.hpp"
#include "curlew/service/api.hpp"

namespace curlew {
namespace {

constexpr std::chrono::milliseconds kLastProbes{100};

/// One file may serve services without workers, and their workers.
Config with_workers(Config config) {
  if (config.infer.workers == 0) config.infer.workers = -1;
  return config;
}

/// Probes and metrics alone; plain, since who asks is a machine beside it.
HttpOptions probe_options(const Config& config) {
  HttpOptions options = http_options(config);
  options.listen = config.http.worker_listen;
  options.tls = {};
  return options;
}

}  // namespace

ExitStatus work(const WorkerCommand& command, const Environment& environment, const Streams& streams) {
  Interruption interruption;
  WorkRoom work(with_workers(configure(command.common, environment)), environment, StoreRole::kWorker);
  const Config& config = work.config();
  std::promise<void> stop;
  interruption.on_first([&stop] { stop.set_value(); });

  std::optional<HttpServer> server;
  if (!config.http.worker_listen.empty()) {
    Router router;
    add_probe_routes(router, work.api_parts());
    server.emplace(probe_options(config), std::move(router), work.watch());
    server->start();
    streams.err << fmt::format("Curlew's worker answers probes at http://{} (/livez, /readyz, /metrics)\n",
                               listened_address(config.http.worker_listen, server->port()));
  }
  streams.err << "Curlew works on what services keep in " << work.store_name() << std::endl;
  work.start();
  stop.get_future().wait();

  log_info("stopping: what is under way has {} s", config.limits.shutdown_grace_s);
  const TimePoint end =
      now() + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(config.limits.shutdown_grace_s));
  work.finish(end);
  if (server) server->stop(kLastProbes);
  return ExitStatus::kOk;
}

}  // namespace curlew
