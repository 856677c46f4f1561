#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"
#include "curlew/http/http_problem.hpp"
#include "curlew/http/http_request.hpp"
#include "curlew/intake/request_json.hpp"
#include "curlew/service/model_board.hpp"
#include "curlew/store/batch.hpp"

namespace curlew {

/// What a client asked for, as it stands in its request.
struct AskedOptions {
  std::optional<Task> task;
  std::optional<std::string> model;
  std::optional<int> top;
  std::optional<float> threshold;
  std::optional<bool> thumbnail = {};
};

/// The options of a batch: what was asked for, the route's `task` or classify, the task's default model, the model's
/// threshold.
///
/// Errors: kInvalidRequest: there is no such model, or it does another task; kModelUnavailable.
Result<BatchOptions, HttpProblem> resolve_options(const AskedOptions& asked, std::optional<Task> task,
                                                  const ModelBoard& board);

/// Model, top, threshold and thumbnail of the query of a request that has a body, too. What the body says goes before
/// them.
///
/// Errors: kInvalidRequest with the `parameter` that is wrong, unknown or there twice.
Result<AskedOptions, HttpProblem> read_post_query(const QueryParameters& query, Task task, const ModelBoard& board);

/// A batch out of the JSON body of a request; `task` is the route's, nothing where the body may say it. What the body
/// does not say is as in `otherwise`, the request's query.
///
/// Errors: kMalformed, kInvalidRequest with a `pointer`, and those of resolve_options.
Result<NewBatch, HttpProblem> read_batch(std::string_view body, std::optional<Task> task, std::size_t max_items,
                                         const ModelBoard& board, const AskedOptions& otherwise = {});

/// A batch out of `?url=…&url=…&model=…&top=…&threshold=…&thumbnail=…`.
///
/// Errors: kInvalidRequest with the `parameter` that is wrong, and those of resolve_options.
Result<NewBatch, HttpProblem> read_query(const QueryParameters& query, Task task, std::size_t max_items,
                                         const ModelBoard& board);

/// Model, top, threshold and thumbnail of a request whose body is a picture or a form; the last of a name holds.
Result<BatchOptions, HttpProblem> read_upload_query(const QueryParameters& query, Task task, const ModelBoard& board);

/// A whole number of a query that is `otherwise` where it is not there.
///
/// Errors: kInvalidRequest: it is none, or not from `low` to `high`.
Result<std::int64_t, HttpProblem> whole_number(const QueryParameters& query, std::string_view name,
                                               std::int64_t otherwise, std::int64_t low, std::int64_t high);

}  // namespace curlew
