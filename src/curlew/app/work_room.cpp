#include "curlew/app/work_room.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <mutex>
#include <string>
#include <utility>

#include "curlew/app/model_choice.hpp"
#include "curlew/base/cores.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/thread.hpp"

namespace curlew {
namespace {

constexpr int kErrandThreads = 2;
constexpr std::size_t kErrandsWaiting = 256;
constexpr std::chrono::seconds kBeat{10};  // a proxy that closes silent streams after 15 s does not close these
constexpr std::chrono::minutes kHousekeeping{1};

std::chrono::milliseconds ms_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

/// The name of a task's model in the library; "" where the config's cannot be used, which the log tells.
std::string configured_model(const std::string& wanted, Task task, ModelLibrary& library) {
  if (wanted.empty()) return "";
  const auto name = choose_model(wanted, task, library);
  if (name) return *name;
  log_error("models.{} = \"{}\": {}", to_string(task), wanted, name.error().message);
  return "";
}

LibraryBoard make_board(const Config& config, ModelLibrary& library, int workers) {
  return LibraryBoard(library, configured_model(config.models.classify, Task::kClassify, library),
                      configured_model(config.models.detect, Task::kDetect, library),
                      workers == 0 ? LibraryBoard::Loaded::kElsewhere : LibraryBoard::Loaded::kHere);
}

/// Workers that share a store leave to each other what they need not have in their hands.
PipelineLimits flow_limits(const Config& config, int workers, bool shares_store) {
  auto limits = pipeline_limits(config, workers);
  limits.workers_give_way = true;
  if (shares_store) limits.least_in_flight = static_cast<std::size_t>(workers) * 2 + 2;
  return limits;
}

}  // namespace

WorkRoom::WorkRoom(Config config, const Environment& environment, StoreRole role)
    : config_(std::move(config)),
      workers_(pipeline_limits(config_, usable_cores()).workers),
      models_(assemble_models(config_, environment, std::max(workers_, 1), {})),
      board_(make_board(config_, *models_.library, workers_)),
      fetch_(assemble_fetch(config_, LocalFiles::kRefused)),
      stores_(open_stores(config_, environment, role)),
      watch_(std::make_shared<ServiceWatch>()),
      backend_(*stores_.kept, *stores_.direct,
               {.item = [this](Task task, const ItemResult& result) { watch_->item(task, result); },
                .batch = [this](const BatchStatus& status) { watch_->batch(status); }},
               stores_.direct_is_shared ? Backend::Direct::kShared : Backend::Direct::kOwn),
      answers_(config_.infer.answer_cache_bytes),
      source_({&backend_.direct_source(), &backend_.kept_source()}),
      heartbeat_(
          kBeat, [this] { keep_house(); }, kHousekeeping),
      errands_(kErrandThreads, kErrandsWaiting) {
  watch_->read_store(*stores_.kept, *stores_.direct);
  if (workers_ == 0) return;
  pipeline_ = assemble_pipeline(config_, environment, flow_limits(config_, workers_, stores_.kept_is_shared), source_,
                                fetch_, *models_.library, backend_, {.observer = &thumbnailer_, .answers = &answers_});
  watch_->read_pipeline(*pipeline_);
  watch_->read_repeats(*fetch_.fetcher, answers_);
}

WorkRoom::~WorkRoom() = default;

std::string WorkRoom::store_name() const { return stores_.name; }

ApiParts WorkRoom::api_parts() {
  return {.backend = backend_,
          .board = board_,
          .state = state_,
          .errands = errands_,
          .heartbeat = heartbeat_,
          .max_items = config_.limits.list_items,
          .version = std::string(version()),
          .metrics = [this] { return watch_->text(); }};
}

void WorkRoom::start() {
  if (stores_.kept_is_shared && workers_ > 0) {
    leases_ = start_thread("leases", [this](const std::stop_token& stop) { keep_leases(stop); });
  }
  if (!pipeline_) return state_.become_ready();
  pipeline_->start();
  loading_ = start_thread("models", [this](const std::stop_token&) { load_models(); });
}

void WorkRoom::load_models() {
  give_way();  // as do the threads that load, and those of OpenVINO that the loading starts
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
  if (one || state_.phase() == ServiceState::Phase::kDraining) return state_.become_ready();
  log_error("no model is to be had: nothing can be answered. `curlew models list` says where they are looked for");
}

void WorkRoom::keep_house() {
  for (JobStore* store : {stores_.kept.get(), stores_.direct.get()}) {
    if (const auto gone = store->expire(); !gone) log_warning("the store: {}", gone.error().message);
  }
}

/// A thread of its own: neither a slow store nor a slow picture may cost a lease.
void WorkRoom::keep_leases(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    stores_.kept->renew_leases();
    stores_.direct->renew_leases();
    woken.wait_for(lock, stop, ms_of(config_.store.lease_s) / 3, [] { return false; });
  }
}

void WorkRoom::finish(TimePoint end) {
  state_.begin_drain();
  models_.library->cancel();
  backend_.kept_source().close();
  std::promise<void> done;
  const auto finished = done.get_future();
  const auto finisher = start_thread("drain", [&](const std::stop_token&) {
    if (!stores_.direct_is_shared || !pipeline_) backend_.wait_until_direct_is_done(end);
    backend_.direct_source().close();
    if (pipeline_) pipeline_->wait();
    done.set_value();
  });
  if (finished.wait_until(end) != std::future_status::ready && pipeline_) pipeline_->cancel();
  finished.wait();
}

std::string listened_address(const std::string& wanted, std::uint16_t port) {
  return fmt::format("{}:{}", wanted.substr(0, wanted.rfind(':')), port);
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

}  // namespace curlew
