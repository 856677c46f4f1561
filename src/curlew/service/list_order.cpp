#include "curlew/service/list_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

namespace curlew {
namespace {

tl::unexpected<HttpProblem> wrong_parameter(std::string_view name, std::string detail) {
  HttpProblem problem = make_problem(HttpErrorCode::kInvalidRequest, std::move(detail));
  problem.members.emplace_back("parameter", std::string(name));
  return tl::make_unexpected(std::move(problem));
}

tl::unexpected<HttpProblem> wrong_model(std::string detail) {
  HttpProblem problem = make_problem(HttpErrorCode::kInvalidRequest, std::move(detail));
  problem.members.emplace_back("pointer", "/model");
  return tl::make_unexpected(std::move(problem));
}

HttpProblem as_problem(const RequestError& error) {
  const bool malformed = error.kind == RequestError::Kind::kMalformed;
  HttpProblem problem =
      make_problem(malformed ? HttpErrorCode::kMalformed : HttpErrorCode::kInvalidRequest, error.message);
  if (!malformed) problem.members.emplace_back("pointer", error.pointer);
  return problem;
}

/// What is wrong with an option of a query is so where it stands.
HttpProblem in_query(HttpProblem problem) {
  for (auto& [name, value] : problem.members) {
    if (name != "pointer") continue;
    name = "parameter";
    value = "model";
  }
  return problem;
}

template <class T>
std::optional<T> as_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Model, top, threshold and thumbnail of a query whose other parameters are `others`; the last of a name holds.
Result<AskedOptions, HttpProblem> read_last_options(const QueryParameters& query, std::string_view others) {
  AskedOptions asked;
  for (const auto& [name, value] : query) {
    if (name == "model") {
      asked.model = value;
    } else if (name == "top") {
      const auto top = as_number<int>(value);
      if (!top || *top < 1 || *top > kMaxTop)
        return wrong_parameter(name, fmt::format("top must be a whole number from 1 to {}", kMaxTop));
      asked.top = *top;
    } else if (name == "threshold") {
      const auto threshold = as_number<double>(value);
      const bool is_score = threshold && *threshold >= 0 && *threshold <= 1;
      if (!is_score) return wrong_parameter(name, "threshold must be a number from 0 to 1");
      asked.threshold = static_cast<float>(*threshold);
    } else if (name == "thumbnail") {
      if (value != "true" && value != "false") return wrong_parameter(name, "thumbnail must be true or false");
      asked.thumbnail = value == "true";
    } else if (name != others) {
      return wrong_parameter(
          name, fmt::format("there is no parameter of this name; {}model, top, threshold and thumbnail may be",
                            others.empty() ? "" : fmt::format("{}, ", others)));
    }
  }
  return asked;
}

/// The same, each at most once.
Result<AskedOptions, HttpProblem> read_options(const QueryParameters& query, std::string_view others) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : query) {
    if (name != others && !seen.insert(name).second) return wrong_parameter(name, "this parameter is there twice");
  }
  return read_last_options(query, others);
}

}  // namespace

Result<BatchOptions, HttpProblem> resolve_options(const AskedOptions& asked, std::optional<Task> task,
                                                  const ModelBoard& board) {
  BatchOptions options;
  const auto named = asked.model ? board.find(*asked.model) : std::nullopt;
  if (asked.model && !named)
    return wrong_model("there is no model of this name; GET /v1/models, or models over ZeroMQ, lists those there are");
  const Task wanted = task ? *task : asked.task.value_or(named ? named->task : Task::kClassify);
  const auto model = asked.model ? named : board.default_of(wanted);
  if (!model) {
    return tl::make_unexpected(
        make_problem(HttpErrorCode::kModelUnavailable, "no model is configured for this task; name one"));
  }
  if (model->task != wanted) {
    return wrong_model(fmt::format("the model {} does not {}", model->name,
                                   wanted == Task::kClassify ? "classify" : "detect objects"));
  }
  if (model->state == ModelFacts::State::kUnavailable) {
    HttpProblem problem = make_problem(HttpErrorCode::kModelUnavailable,
                                       fmt::format("the model {} is not to be had here; another may be", model->name));
    problem.retry_after = std::chrono::seconds(60);
    return tl::make_unexpected(std::move(problem));
  }
  options.task = wanted;
  options.model = model->name;
  options.top = asked.top.value_or(options.top);
  options.threshold = asked.threshold.value_or(model->threshold);
  options.thumbnail = asked.thumbnail.value_or(options.thumbnail);
  return options;
}

Result<AskedOptions, HttpProblem> read_post_query(const QueryParameters& query, Task task, const ModelBoard& board) {
  auto asked = read_options(query, "");
  if (!asked || !asked->model) return asked;
  // A name that is wrong is so although the body may say another.
  const auto options = resolve_options(*asked, task, board).map_error(in_query);
  if (!options && options.error().code == HttpErrorCode::kInvalidRequest) return tl::make_unexpected(options.error());
  return asked;
}

Result<NewBatch, HttpProblem> read_batch(std::string_view body, std::optional<Task> task, std::size_t max_items,
                                         const ModelBoard& board, const AskedOptions& otherwise) {
  using TaskMember = RequestRules::TaskMember;
  auto request =
      read_list_request(body, {.task = task ? TaskMember::kRefused : TaskMember::kTaken, .max_items = max_items});
  if (!request) return tl::make_unexpected(as_problem(request.error()));
  const AskedOptions asked{.task = request->task,
                           .model = request->model ? request->model : otherwise.model,
                           .top = request->top ? request->top : otherwise.top,
                           .threshold = request->threshold ? request->threshold : otherwise.threshold,
                           .thumbnail = request->thumbnail ? request->thumbnail : otherwise.thumbnail};
  auto options = resolve_options(asked, task, board);
  if (!options && !request->model) options = std::move(options).map_error(in_query);
  if (!options) return tl::make_unexpected(options.error());
  NewBatch batch;
  batch.options = *options;
  batch.items.reserve(request->urls.size());
  for (ListEntry& entry : request->urls) {
    batch.items.push_back({.text = std::move(entry.text), .problem = std::move(entry.problem)});
  }
  return batch;
}

Result<NewBatch, HttpProblem> read_query(const QueryParameters& query, Task task, std::size_t max_items,
                                         const ModelBoard& board) {
  const auto asked = read_options(query, "url");
  if (!asked) return tl::make_unexpected(asked.error());
  const auto options = resolve_options(*asked, task, board).map_error(in_query);
  if (!options) return tl::make_unexpected(options.error());
  NewBatch batch;
  batch.options = *options;
  for (const auto& [name, value] : query) {
    if (name == "url") batch.items.push_back({.text = value, .problem = {}});
  }
  if (batch.items.empty()) return wrong_parameter("url", "name at least one picture: ?url=https://…");
  if (batch.items.size() > max_items) return wrong_parameter("url", fmt::format("at most {} are taken", max_items));
  return batch;
}

Result<BatchOptions, HttpProblem> read_upload_query(const QueryParameters& query, Task task, const ModelBoard& board) {
  const auto asked = read_last_options(query, "");
  if (!asked) return tl::make_unexpected(asked.error());
  return resolve_options(*asked, task, board).map_error(in_query);
}

Result<std::int64_t, HttpProblem> whole_number(const QueryParameters& query, std::string_view name,
                                               std::int64_t otherwise, std::int64_t low, std::int64_t high) {
  const auto found = std::ranges::find(query, name, [](const auto& each) -> std::string_view { return each.first; });
  if (found == query.end()) return otherwise;
  const auto value = as_number<std::int64_t>(found->second);
  if (value && *value >= low && *value <= high) return *value;
  return wrong_parameter(name, fmt::format("{} must be a whole number from {} to {}", name, low, high));
}

}  // namespace curlew
