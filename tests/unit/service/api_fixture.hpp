#pragma once

#include <memory>
#include <semaphore>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "curlew/service/api.hpp"
#include "unit/service/service_fakes.hpp"

namespace curlew::fakes {

/// The routes of the API over memory stores, without a socket and without a pipeline: a test claims and completes.
class FakeService {
 public:
  explicit FakeService(ServiceState::Phase phase = ServiceState::Phase::kReady, Calendar calendar = calendar_now_ms)
      : kept_(make_memory_store(StoreLimits{}, std::move(calendar))) {
    add_api_routes(router_, parts());
    if (phase == ServiceState::Phase::kReady) state_.become_ready();
  }

  ApiParts parts() {
    return {.backend = backend_,
            .board = board_,
            .state = state_,
            .errands = errands_,
            .heartbeat = heartbeat_,
            .max_items = 1000,
            .version = "1.2.3",
            .metrics = [] { return std::string("metrics\n"); }};
  }
  const Router& router() const { return router_; }
  Backend& backend() { return backend_; }
  ServiceState& state() { return state_; }
  Errands& errands() { return errands_; }

  /// What the server does with a request that passed its checks.
  void ask(const std::string& method, const std::string& path, HttpRequest request,
           const std::shared_ptr<HttpReply>& reply) {
    std::vector<std::string> segments;
    std::istringstream stream(path.substr(1));
    for (std::string segment; std::getline(stream, segment, '/');) segments.push_back(segment);
    if (segments.empty()) segments.emplace_back();  // of "/"
    const RouteMatch match = router_.match(method, segments);
    if (match.route == nullptr) return reply->fail(make_problem(HttpErrorCode::kNotFound, "no such route"));
    request.method = method;
    request.path = path;
    request.parameters = match.parameters;
    request.route = match.route;
    request.received = now();
    match.route->handler(std::move(request), reply);
  }
  /// The whole answer.
  std::shared_ptr<FakeReply> ask(const std::string& method, const std::string& path, HttpRequest request = {}) {
    const auto reply = std::make_shared<FakeReply>();
    ask(method, path, std::move(request), reply);
    reply->wait_until_ended();
    return reply;
  }

  /// Waits until each errand that was asked for before is done.
  void settle() {
    std::binary_semaphore done(0);  // the one thread does them in their order
    while (!errands_.run([&] { done.release(); })) std::this_thread::yield();
    done.acquire();
  }
  /// Waits until those who listen to kept batches have been told all.
  void settle_news() {
    std::binary_semaphore told(0);
    BatchStatus status;
    status.id = "the last of the queue";
    const auto last = backend_.kept_news().listen(status.id, [&](const BatchStatus&) { told.release(); });
    backend_.kept_news().tell(status);
    told.acquire();
  }
  /// Claims and completes what waits for an answer at once.
  void work() {
    while (const auto item = backend_.direct_source().claim([](const std::string&) { return true; })) {
      backend_.deliver(ItemResult{.batch = item->batch,
                                  .index = item->index,
                                  .url = item->text,
                                  .outcome = make_error(ErrorCode::kTimeout, "as the test wants it"),
                                  .timings = {}});
    }
  }

 private:
  FakeBoard board_;
  const std::unique_ptr<JobStore> kept_;
  const std::unique_ptr<JobStore> direct_ = make_memory_store(StoreLimits{});
  Backend backend_{*kept_, *direct_};
  ServiceState state_;
  Heartbeat heartbeat_{std::chrono::hours(1), [] {}, std::chrono::hours(1)};
  Errands errands_{1, 16};
  Router router_;
};

inline HttpRequest json_request(std::string body) {
  HttpRequest request;
  request.content_type = {.type = "application", .subtype = "json"};
  request.body = std::move(body);
  return request;
}

}  // namespace curlew::fakes
