#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/http/media_type.hpp"
#include "curlew/http/response_head.hpp"
#include "curlew/publish/json_encoder.hpp"
#include "curlew/publish/summary.hpp"
#include "curlew/service/api.hpp"
#include "curlew/service/list_order.hpp"
#include "curlew/service/result_feed.hpp"
#include "curlew/service/service_json.hpp"
#include "curlew/service/upload_forms.hpp"

namespace curlew {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kNdjson = "application/x-ndjson";
constexpr std::string_view kEvents = "text/event-stream";
constexpr std::array kOffered = {kJson, kNdjson, kEvents};

/// What is known of a request while its results come.
struct Running {
  RunSummary summary;
  TimePoint began;

  explicit Running(const HttpRequest& request) : began(request.received) {}
  RunSummary close() {
    summary.total_ms = to_ms(now() - began);
    return summary;
  }
};

void count(RunSummary& summary, const ItemResult& result) {
  ++summary.total;
  summary.add(result);
}

/// Stops the work when the client goes.
void cancel_when_gone(const ApiParts& parts, HttpReply& reply, const std::shared_ptr<ResultFeed>& feed,
                      const std::string& batch) {
  reply.on_gone([&backend = parts.backend, &errands = parts.errands, weak = std::weak_ptr(feed), batch] {
    if (const auto alive = weak.lock()) alive->stop();
    // The end of thousands of items takes milliseconds, which the http thread has not.
    run_elsewhere(errands, [&backend, batch] { backend.abandon(batch); });
  });
}

std::shared_ptr<ResultFeed> make_feed(const ApiParts& parts, const std::string& batch, ResultFeed::Taker taker) {
  return ResultFeed::make(parts.backend.direct(), parts.backend.direct_news(), batch, 0, std::move(taker));
}

void answer_whole(const ApiParts& parts, const HttpRequest& request, const ReplyPtr& reply, const std::string& batch) {
  when_all_are_there(parts, request, reply, batch, [reply](const WholeAnswer& whole) {
    HttpHeaders headers{{"Content-Type", std::string(kJson)}, {"Server-Timing", stages_timing(whole.summary)}};
    reply->send(200, std::move(headers), encode_json_run(whole.results, whole.summary));
  });
}

void answer_stream(const ApiParts& parts, const HttpRequest& request, const ReplyPtr& reply, const std::string& batch,
                   bool events) {
  const auto running = std::make_shared<Running>(request);
  const auto feed = make_feed(
      parts, batch,
      {.result =
           [running, reply, events](const KeptResult& kept) {
             count(running->summary, kept.result);
             return reply->write(events ? event_text("result", kept.sequence, encode_json(kept.result))
                                        : encode_ndjson(kept.result)) == StreamRoom::kRoom;
           },
       .ended =
           [running, reply, events](const BatchStatus&) {
             const RunSummary summary = running->close();
             reply->write(events ? event_text("summary", 0, summary_data(summary)) : summary_json(summary) + "\n");
             reply->end();
           },
       .failed = [](const StoreError&) {}});  // broken off: what came is not whole
  reply->on_room([&errands = parts.errands, weak = std::weak_ptr(feed)] {
    run_elsewhere(errands, [weak] {
      if (const auto alive = weak.lock()) alive->resume();
    });
  });
  cancel_when_gone(parts, *reply, feed, batch);
  reply->begin_stream(200, {{"Content-Type", std::string(events ? kEvents : kNdjson)}, {"Cache-Control", "no-store"}});
  if (events) parts.heartbeat.keep_alive(reply);
  feed->start();
}

using CreatedOrProblem = Result<Created, HttpProblem>;

CreatedOrProblem as_problem(StoreResult<Created> created) {
  return std::move(created).map_error([](const StoreError& error) { return problem_of(error); });
}

CreatedOrProblem create_list(const ApiParts& parts, Result<NewBatch, HttpProblem> batch) {
  if (!batch) return tl::make_unexpected(batch.error());
  return as_problem(parts.backend.direct().create(std::move(*batch)));
}

CreatedOrProblem create_upload(const ApiParts& parts, HttpRequest& request, Task task) {
  auto form = read_upload_form(request, parts.max_items);
  if (!form) return tl::make_unexpected(form.error());
  const auto options = read_upload_query(form->options, task, parts.board);
  if (!options) return tl::make_unexpected(options.error());
  return as_problem(parts.backend.create_uploads(std::move(form->pictures), *options));
}

/// The handler of a route whose requests `create` makes batches of.
HttpHandler direct_handler(const ApiParts& parts, std::function<CreatedOrProblem(HttpRequest&)> create) {
  return on_errand(
      parts, Brings::kWork, [parts, create = std::move(create)](HttpRequest& request, const ReplyPtr& reply) {
        const auto accept = request.headers.all("Accept");
        const auto media = choose_media_type(accept, kOffered);
        if (!media) {
          return reply->fail(
              make_problem(HttpErrorCode::kNotAcceptable,
                           "the answer can be application/json, application/x-ndjson or text/event-stream"));
        }
        const auto created = create(request);
        if (!created) return reply->fail(created.error());
        const std::string& batch = created->status.id;
        if (*media == kJson) return answer_whole(parts, request, reply, batch);
        answer_stream(parts, request, reply, batch, *media == kEvents);
      });
}

std::vector<RouteAnswer> direct_answers() {
  return {
      {.status = 200,
       .media = std::string(kJson),
       .description = "All results, in the order of the list.",
       .schema = R"({"$ref": "#/components/schemas/Results"})"},
      {.status = 200, .media = std::string(kNdjson), .description = "A result a line as they come, then `summary`."},
      {.status = 200, .media = std::string(kEvents), .description = "`result` events as they come, then `summary`."},
      error_answer(406)};
}

/// A reference to one of the description's schemas; those of requests are a task's own.
std::string schema(std::string_view name) { return fmt::format(R"({{"$ref": "#/components/schemas/{}"}})", name); }

std::string schema(Task task, std::string_view name) {
  return schema(fmt::format("{}{}", task == Task::kClassify ? "Classify" : "Detect", name));
}

std::vector<RouteParameter> option_parameters(Task task) {
  return {{.name = "model", .description = "A model by name.", .schema = schema(task, "Model")},
          {.name = "top", .description = "classify: how many labels at most.", .schema = schema("Top")},
          {.name = "threshold", .description = "detect: the lowest score.", .schema = schema("Threshold")},
          {.name = "thumbnail",
           .description = "Whether each result is to hold a small picture, `image.thumbnail`.",
           .schema = schema("Thumbnail")}};
}

void add_task_routes(Router& router, const ApiParts& parts, Task task, const std::string& word,
                     const std::string& summary) {
  router.add({.method = "POST",
              .pattern = "/v1/" + word,
              .name = word,
              .handler = direct_handler(parts,
                                        [parts, task](HttpRequest& request) -> CreatedOrProblem {
                                          const auto query = read_post_query(request.query, task, parts.board);
                                          if (!query) return tl::make_unexpected(query.error());
                                          if (!request.content_type.matches(kJson)) {
                                            return create_upload(parts, request, task);
                                          }
                                          return create_list(parts, read_batch(request.body, task, parts.max_items,
                                                                               parts.board, *query));
                                        }),
              .bodies = {{.media = std::string(kJson), .schema = schema(task, "Request")},
                         {.media = "image/*"},
                         {.media = "multipart/form-data", .schema = schema(task, "Form")}},
              .needs_key = true,
              .summary = summary,
              .parameters = option_parameters(task),
              .answers = direct_answers()});
  auto parameters = option_parameters(task);
  parameters.insert(
      parameters.begin(),
      {.name = "url",
       .required = true,
       .description = "A picture; may be repeated, as often as fits into a target of 8 KiB.",
       .schema = R"({"type": "array", "minItems": 1, "items": {"type": "string"}})",
       .example = R"(["https://upload.wikimedia.org/wikipedia/commons/8/81/Eumomota_superciliosa.jpg"])"});
  router.add({.method = "GET",
              .pattern = "/v1/" + word,
              .name = word + "_urls",
              .handler = direct_handler(parts,
                                        [parts, task](const HttpRequest& request) {
                                          return create_list(
                                              parts, read_query(request.query, task, parts.max_items, parts.board));
                                        }),
              .needs_key = true,
              .summary = summary + " For a browser or curl.",
              .parameters = std::move(parameters),
              .answers = direct_answers()});
}

}  // namespace

std::string stages_timing(const RunSummary& summary) {
  const Timings& sums = summary.sums;
  const std::pair<std::string_view, double> stages[] = {
      {"queue", sums.queue_ms}, {"fetch", sums.fetch_ms}, {"decode", sums.decode_ms}, {"infer", sums.infer_ms}};
  return server_timing(stages);
}

void when_all_are_there(const ApiParts& parts, const HttpRequest& request, const ReplyPtr& reply,
                        const std::string& batch, std::function<void(const WholeAnswer&)> answer) {
  const auto running = std::make_shared<Running>(request);
  const auto whole = std::make_shared<WholeAnswer>();
  const auto feed = make_feed(parts, batch,
                              {.result =
                                   [running, whole](const KeptResult& kept) {
                                     count(running->summary, kept.result);
                                     whole->results.push_back(kept.result);
                                     return true;
                                   },
                               .ended =
                                   [running, whole, answer = std::move(answer)](const BatchStatus&) {
                                     std::ranges::sort(whole->results, {}, &ItemResult::index);
                                     whole->summary = running->close();
                                     answer(*whole);
                                   },
                               .failed = [reply](const StoreError& error) { reply->fail(problem_of(error)); }});
  cancel_when_gone(parts, *reply, feed, batch);
  feed->start();
}

void add_direct_routes(Router& router, const ApiParts& parts) {
  add_task_routes(router, parts, Task::kClassify, "classify", "Names what is in each picture, at once.");
  add_task_routes(router, parts, Task::kDetect, "detect", "Finds the objects in each picture, at once.");
}

}  // namespace curlew
