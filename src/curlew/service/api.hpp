#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "curlew/http/http_reply.hpp"
#include "curlew/http/http_request.hpp"
#include "curlew/http/router.hpp"
#include "curlew/publish/summary.hpp"
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

/// Puts the routes of the API into the table: /v1, probes, metrics, the description of all that, and the pages.
void add_api_routes(Router& router, const ApiParts& parts);

// The parts of that table.
void add_direct_routes(Router& router, const ApiParts& parts);     ///< /v1/classify, /v1/detect
void add_batch_routes(Router& router, const ApiParts& parts);      ///< /v1/batches
void add_probe_routes(Router& router, const ApiParts& parts);      ///< /v1/models, probes, version, metrics
void add_inference_routes(Router& router, const ApiParts& parts);  ///< /v2, the Open Inference Protocol
void add_page_routes(Router& router);                              ///< / and /docs, and what they are made of

using ReplyPtr = std::shared_ptr<HttpReply>;

/// Answers with JSON.
void send_json(HttpReply& reply, int status, std::string body, HttpHeaders headers = {});

/// An error of a route's own, for the description of the interface, which knows its body.
inline RouteAnswer error_answer(int status) { return {.status = status, .media = {}, .description = {}}; }

/// What a store could not do, as clients are told; local paths and reasons stay in the log.
HttpProblem problem_of(const StoreError& error);

/// Whether one of the config's models is there, or may come to be.
bool has_model(const ModelBoard& board);

/// Why no work, or not all of it, can be taken; empty: it can.
std::vector<std::string> reasons_against(const ApiParts& parts);

/// All that a batch which is answered at once has brought.
struct WholeAnswer {
  std::vector<ItemResult> results;  ///< in the order of its list
  RunSummary summary;
};

/// Calls `answer` once, when each item of the batch has its result; never where the store cannot give them, which the
/// client is told, nor where the client has gone, whose batch is cancelled.
///
/// Threads: `answer` is called on that of the news, or on this one where all is there.
void when_all_are_there(const ApiParts& parts, const HttpRequest& request, const ReplyPtr& reply,
                        const std::string& batch, std::function<void(const WholeAnswer&)> answer);

/// The value of `Server-Timing`.
std::string stages_timing(const RunSummary& summary);

/// Whether a route brings work, which a service that starts or drains refuses.
enum class Brings : std::uint8_t { kWork, kNoWork };

/// A handler that works on a thread of its own.
HttpHandler on_errand(const ApiParts& parts, Brings brings, std::function<void(HttpRequest&, const ReplyPtr&)> handler);

/// Does `errand` elsewhere than on the http thread; here where too much waits there, since it must not be left out.
void run_elsewhere(Errands& errands, const Errands::Errand& errand);

}  // namespace curlew
