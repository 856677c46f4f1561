#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "curlew/base/sha256.hpp"
#include "curlew/publish/json_encoder.hpp"
#include "curlew/service/api.hpp"
#include "curlew/service/list_order.hpp"
#include "curlew/service/result_feed.hpp"
#include "curlew/service/service_json.hpp"

namespace curlew {
namespace {

constexpr std::int64_t kMaxCursor = 0xffff'ffff;
constexpr std::int64_t kDefaultPage = 100;
constexpr std::size_t kMaxKeyBytes = 255;

std::string sha256_text(std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); }

/// The request's Idempotency-Key; the same key of another client, where keys tell clients apart, is another one.
Result<std::optional<IdempotencyKey>, HttpProblem> idempotency_key(const HttpRequest& request) {
  const auto key = request.headers.find("Idempotency-Key");
  if (!key) return std::optional<IdempotencyKey>();
  const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (key->empty() || key->size() > kMaxKeyBytes || !std::ranges::all_of(*key, is_visible)) {
    return tl::make_unexpected(make_problem(
        HttpErrorCode::kMalformed,
        fmt::format("Idempotency-Key must have 1 to {} visible ASCII characters without spaces", kMaxKeyBytes)));
  }
  return IdempotencyKey{.key = sha256_text(request.headers.get("Authorization")) + '/' + std::string(*key),
                        .fingerprint = sha256_text(request.body)};
}

void create(const ApiParts& parts, const HttpRequest& request, HttpReply& reply) {
  auto batch = read_batch(request.body, std::nullopt, parts.max_items, parts.board);
  if (!batch) return reply.fail(batch.error());
  auto key = idempotency_key(request);
  if (!key) return reply.fail(key.error());
  batch->idempotency = std::move(*key);
  const auto created = parts.backend.kept().create(std::move(*batch));
  if (!created) return reply.fail(problem_of(created.error()));
  HttpHeaders headers{{"Location", "/v1/batches/" + created->status.id}};
  if (!created->is_new) headers.add("Idempotency-Replayed", "true");
  send_json(reply, 202, batch_json(created->status), std::move(headers));
}

void show(const ApiParts& parts, const HttpRequest& request, HttpReply& reply) {
  const auto status = parts.backend.kept().status(std::string(request.parameter("id")));
  if (!status) return reply.fail(problem_of(status.error()));
  send_json(reply, 200, batch_json(*status), {{"Cache-Control", "no-store"}});
}

void cancel(const ApiParts& parts, const HttpRequest& request, HttpReply& reply) {
  const auto status = parts.backend.kept().cancel(std::string(request.parameter("id")));
  if (!status) return reply.fail(problem_of(status.error()));
  send_json(reply, 200, batch_json(*status));
}

void results(const ApiParts& parts, const HttpRequest& request, HttpReply& reply) {
  const auto cursor = whole_number(request.query, "cursor", 0, 0, kMaxCursor);
  if (!cursor) return reply.fail(cursor.error());
  const auto limit = whole_number(request.query, "limit", kDefaultPage, 1, kMaxPageResults);
  if (!limit) return reply.fail(limit.error());
  const auto page = parts.backend.kept().results(std::string(request.parameter("id")),
                                                 static_cast<std::uint32_t>(*cursor), static_cast<std::size_t>(*limit));
  if (!page) return reply.fail(problem_of(page.error()));
  send_json(reply, 200, page_json(*page), {{"Cache-Control", "no-store"}});
}

/// Where a client stopped reading; what is no number of an event is the beginning.
std::uint32_t last_event(const HttpRequest& request) {
  const auto text = request.headers.get("Last-Event-ID");
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() ? id : 0;
}

void events(const ApiParts& parts, const HttpRequest& request, const ReplyPtr& reply) {
  const std::string batch(request.parameter("id"));
  // An error can be said only before the stream begins.
  if (const auto status = parts.backend.kept().status(batch); !status) return reply->fail(problem_of(status.error()));
  const auto feed = ResultFeed::make(
      parts.backend.kept(), parts.backend.kept_news(), batch, last_event(request),
      {.result =
           [reply](const KeptResult& kept) {
             return reply->write(event_text("result", kept.sequence, encode_json(kept.result))) == StreamRoom::kRoom;
           },
       .ended =
           [reply](const BatchStatus& status) {
             reply->write(event_text("done", 0, batch_json(status)));
             reply->end();
           },
       .failed = [](const StoreError&) {}});  // broken off: the client comes again
  reply->on_room([&errands = parts.errands, weak = std::weak_ptr(feed)] {
    run_elsewhere(errands, [weak] {
      if (const auto alive = weak.lock()) alive->resume();
    });
  });
  reply->on_gone([weak = std::weak_ptr(feed)] {
    if (const auto alive = weak.lock()) alive->stop();
  });
  reply->begin_stream(200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}});
  reply->write("retry: 1000\n\n");
  parts.heartbeat.keep_alive(reply);
  feed->start();
}

}  // namespace

void add_batch_routes(Router& router, const ApiParts& parts) {
  const RouteParameter id{.name = "id",
                          .place = RouteParameter::Place::kPath,
                          .required = true,
                          .description = "The batch's id.",
                          .schema = R"({"type": "string", "format": "uuid"})"};
  const RouteAnswer batch{.status = 200,
                          .media = "application/json",
                          .description = "The batch.",
                          .schema = R"({"$ref": "#/components/schemas/Batch"})"};
  const RouteAnswer unknown = error_answer(404);
  const RouteAnswer expired = error_answer(410);
  RouteAnswer accepted = batch;
  accepted.status = 202;
  accepted.description = "The batch, which is durable from now on.";
  router.add(
      {.method = "POST",
       .pattern = "/v1/batches",
       .name = "create_batch",
       .handler =
           on_errand(parts, Brings::kWork,
                     [parts](const HttpRequest& request, const ReplyPtr& reply) { create(parts, request, *reply); }),
       .bodies = {{.media = "application/json", .schema = R"({"$ref": "#/components/schemas/BatchRequest"})"}},
       .needs_key = true,
       .summary = "Keeps a list of pictures and works through it.",
       .parameters = {{.name = "Idempotency-Key",
                       .place = RouteParameter::Place::kHeader,
                       .description = "A name for this request, so that it may be sent twice.",
                       .schema = R"({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"})"}},
       .answers = {accepted, error_answer(409)}});
  router.add({.method = "GET",
              .pattern = "/v1/batches/{id}",
              .name = "batch",
              .handler = on_errand(
                  parts, Brings::kNoWork,
                  [parts](const HttpRequest& request, const ReplyPtr& reply) { show(parts, request, *reply); }),
              .needs_key = true,
              .summary = "How far a batch is.",
              .parameters = {id},
              .answers = {batch, unknown, expired}});
  router.add({.method = "DELETE",
              .pattern = "/v1/batches/{id}",
              .name = "cancel_batch",
              .handler = on_errand(
                  parts, Brings::kNoWork,
                  [parts](const HttpRequest& request, const ReplyPtr& reply) { cancel(parts, request, *reply); }),
              .needs_key = true,
              .summary = "Cancels a batch: items that have not begun end as `cancelled`.",
              .parameters = {id},
              .answers = {batch, unknown, expired}});
  router.add({.method = "GET",
              .pattern = "/v1/batches/{id}/results",
              .name = "batch_results",
              .handler = on_errand(
                  parts, Brings::kNoWork,
                  [parts](const HttpRequest& request, const ReplyPtr& reply) { results(parts, request, *reply); }),
              .needs_key = true,
              .summary = "Results of a batch in the order in which they came.",
              .parameters = {id,
                             {.name = "cursor",
                              .description = "`next` of the page before.",
                              .schema = R"({"type": "integer", "minimum": 0, "maximum": 4294967295})"},
                             {.name = "limit",
                              .description = "How many results the page has at most.",
                              .schema = R"({"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})"}},
              .answers = {{.status = 200,
                           .media = "application/json",
                           .description = "A page of results.",
                           .schema = R"({"$ref": "#/components/schemas/Page"})"},
                          unknown,
                          expired}});
  router.add(
      {.method = "GET",
       .pattern = "/v1/batches/{id}/events",
       .name = "batch_events",
       .handler =
           on_errand(parts, Brings::kNoWork,
                     [parts](const HttpRequest& request, const ReplyPtr& reply) { events(parts, request, reply); }),
       .needs_key = true,
       .summary = "Results of a batch as they come, as server-sent events.",
       .parameters = {id,
                      {.name = "Last-Event-ID",
                       .place = RouteParameter::Place::kHeader,
                       .description = "The last event that was read; the stream goes on after it.",
                       .schema = R"({"type": "string"})"}},
       .answers = {
           {.status = 200, .media = "text/event-stream", .description = "`result` events, and `done` at the end."},
           unknown,
           expired}});
}

}  // namespace curlew
