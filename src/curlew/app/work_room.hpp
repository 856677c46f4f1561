#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "curlew/app/assemble.hpp"
#include "curlew/app/library_board.hpp"
#include "curlew/app/open_store.hpp"
#include "curlew/app/service_watch.hpp"
#include "curlew/app/thumbnailer.hpp"
#include "curlew/base/clock.hpp"
#include "curlew/config/config.hpp"
#include "curlew/http/http_options.hpp"
#include "curlew/pipeline/answer_cache.hpp"
#include "curlew/pipeline/pipeline.hpp"
#include "curlew/pipeline/turn_source.hpp"
#include "curlew/service/api.hpp"
#include "curlew/service/backend.hpp"
#include "curlew/service/errands.hpp"
#include "curlew/service/heartbeat.hpp"
#include "curlew/service/service_state.hpp"
#include "curlew/store/job_store.hpp"

namespace curlew {

/// What a service and a worker have in common: the stores and, where this process has workers, all that works on their
/// items. Everything is built in the order of the members, and ends the other way round.
class WorkRoom {
 public:
  /// Errors: StartupError, as open_store and assemble_models; kUsage where nobody would ever work on what is kept.
  WorkRoom(Config config, const Environment& environment, StoreRole role);
  WorkRoom(const WorkRoom&) = delete;
  WorkRoom& operator=(const WorkRoom&) = delete;
  ~WorkRoom();

  const Config& config() const { return config_; }
  Backend& backend() { return backend_; }
  const ModelBoard& board() const { return board_; }
  /// Where batches are kept, for the user: without a password.
  std::string store_name() const;
  ServiceState& state() { return state_; }
  /// Whether other processes have what is kept here, too.
  bool shares_store() const { return stores_.kept_is_shared; }
  const std::shared_ptr<ServiceWatch>& watch() const { return watch_; }
  /// For the routes of the API.
  ApiParts api_parts();

  /// Begins to work, and to load the models; the state is ready as soon as each has passed its self-test or is known
  /// not to be had, and one has passed.
  void start();

  /// No more of what is kept is begun, then what somebody waits for is done; what is left at `end` is cancelled, and
  /// goes back to the store. Returns when each item in work has its result.
  void finish(TimePoint end);

 private:
  void load_models();
  void keep_house();
  void keep_leases(const std::stop_token& stop);

  const Config config_;
  const int workers_;
  ModelRoom models_;
  LibraryBoard board_;
  FetchRoom fetch_;
  const OpenStores stores_;
  const std::shared_ptr<ServiceWatch> watch_;
  Backend backend_;
  AnswerCache answers_;
  TurnSource source_;
  Thumbnailer thumbnailer_;
  std::unique_ptr<Pipeline> pipeline_;  ///< null without workers
  ServiceState state_;
  Heartbeat heartbeat_;
  Errands errands_;  // whose last ones may still use the one above
  std::jthread loading_;
  std::jthread leases_;
};

/// How the HTTP server of a config is to be.
HttpOptions http_options(const Config& config);

TlsFiles tls_files(const Config& config);

/// Where a server that was to listen at `wanted` does, with the port that it has got.
std::string listened_address(const std::string& wanted, std::uint16_t port);

}  // namespace curlew
