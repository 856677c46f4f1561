#include "curlew/service/api.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

HttpProblem as_problem(ServiceState::Phase phase) {
  return phase == ServiceState::Phase::kStarting
             ? make_problem(HttpErrorCode::kStarting, "the models are being loaded; try again in a moment")
             : make_problem(HttpErrorCode::kDraining, "the service is about to stop; another instance may answer");
}

}  // namespace

bool has_model(const ModelBoard& board) {
  const std::array defaults{board.default_of(Task::kClassify), board.default_of(Task::kDetect)};
  return std::ranges::any_of(
      defaults, [](const auto& model) { return model && model->state != ModelFacts::State::kUnavailable; });
}

void add_api_routes(Router& router, const ApiParts& parts) {
  add_direct_routes(router, parts);
  add_batch_routes(router, parts);
  add_inference_routes(router, parts);
  add_probe_routes(router, parts);
  add_page_routes(router);
}

void send_json(HttpReply& reply, int status, std::string body, HttpHeaders headers) {
  headers.set("Content-Type", "application/json");
  reply.send(status, std::move(headers), std::move(body) + "\n");
}

HttpProblem problem_of(const StoreError& error) {
  switch (error.code) {
    case StoreError::Code::kNotFound:
      return make_problem(HttpErrorCode::kNotFound, "there is no batch with this id");
    case StoreError::Code::kExpired:
      return make_problem(HttpErrorCode::kExpired, "the batch was there, and its time is over");
    case StoreError::Code::kFull:
      return make_problem(HttpErrorCode::kFull, "as many pictures wait as may; try again later, or with fewer");
    case StoreError::Code::kKeyReused:
      return make_problem(HttpErrorCode::kKeyReused, "this Idempotency-Key came with another request; take a new one");
    case StoreError::Code::kKeyInFlight:
      return make_problem(HttpErrorCode::kKeyInFlight,
                          "the request with this Idempotency-Key is being kept; try again");
    case StoreError::Code::kNoPictures:
    case StoreError::Code::kInUse:
    case StoreError::Code::kUnavailable:
      break;
  }
  log_warning("the store: {}", error.message);
  return make_problem(HttpErrorCode::kStoreUnavailable,
                      "batches cannot be kept now; try again later, or ask for an answer at once");
}

HttpHandler on_errand(const ApiParts& parts, Brings brings,
                      std::function<void(HttpRequest&, const ReplyPtr&)> handler) {
  return [parts, brings, handler = std::move(handler)](HttpRequest request, const ReplyPtr& reply) {
    const auto refused = [brings, &state = parts.state, &board = parts.board](HttpReply& to) {
      const auto phase = state.phase();
      if (brings == Brings::kNoWork || phase == ServiceState::Phase::kReady) return false;
      // Without a model it stays like this: the handler says so of the one that is asked for.
      if (phase == ServiceState::Phase::kStarting && !has_model(board)) return false;
      to.fail(as_problem(phase));
      return true;
    };
    if (refused(*reply)) return;
    const auto shared = std::make_shared<HttpRequest>(std::move(request));
    const bool taken = parts.errands.run([handler, refused, shared, reply] {
      // The drain may have begun while it waited.
      if (!refused(*reply)) handler(*shared, reply);
    });
    if (!taken) reply->fail(make_problem(HttpErrorCode::kFull, "too many requests wait; try again in a moment"));
  };
}

void run_elsewhere(Errands& errands, const Errands::Errand& errand) {
  if (!errands.run(errand)) errand();
}

}  // namespace curlew
