#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "curlew/http/http_reply.hpp"
#include "curlew/http/http_request.hpp"
#include "curlew/http/router.hpp"
#include "curlew/service/backend.hpp"
#include "curlew/service/errands.hpp"
#include "curlew/service/heartbeat.hpp"
#include "curlew/service/model_board.hpp"
#include "curlew/service/service_state.hpp"

namespace curlew {

/// What the routes are made of; all outlive the server that has them.
struct ApiParts {
  Backend& backend;
  const ModelBoard& board;
  const ServiceState& state;
  Errands& errands;
  Heartbeat& heartbeat;
  std::size_t max_items = 10'000;
  std::string version;
  std::function<std::string()> metrics;  ///< Prometheus text
};

/// Puts the routes of the API into the table: /v1, probes, metrics and the description of all that.
void add_api_routes(Router& router, const ApiParts& parts);

// The parts of that table.
void add_direct_routes(Router& router, const ApiParts& parts);  ///< /v1/classify, /v1/detect
void add_batch_routes(Router& router, const ApiParts& parts);   ///< /v1/batches
void add_probe_routes(Router& router, const ApiParts& parts);   ///< /v1/models, probes, version, metrics

using ReplyPtr = std::shared_ptr<HttpReply>;

/// Answers with JSON.
void send_json(HttpReply& reply, int status, std::string body, HttpHeaders headers = {});

/// An error of a route's own, for the description of the interface, which knows its body.
inline RouteAnswer error_answer(int status) { return {.status = status, .media = {}, .description = {}}; }

/// What a store could not do, as clients are told; local paths and reasons stay in the log.
HttpProblem problem_of(const StoreError& error);

/// Whether one of the config's models is there, or may come to be.
bool has_model(const ModelBoard& board);

/// Whether a route brings work, which a service that starts or drains refuses.
enum class Brings : std::uint8_t { kWork, kNoWork };

/// A handler that works on a thread of its own.
HttpHandler on_errand(const ApiParts& parts, Brings brings, std::function<void(HttpRequest&, const ReplyPtr&)> handler);

/// Does `errand` elsewhere than on the http thread; here where too much waits there, since it must not be left out.
void run_elsewhere(Errands& errands, const Errands::Errand& errand);

}  // namespace curlew
