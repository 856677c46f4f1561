#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/core/task.hpp"
#include "curlew/http/http_problem.hpp"
#include "curlew/service/inference_request.hpp"

namespace curlew {

/// The only version that a model has.
inline constexpr std::string_view kModelVersion = "1";

/// What an answer is of.
struct InferenceContext {
  std::string_view model;
  Task task = Task::kClassify;
  std::size_t top = 3;                ///< classify: the width of its rows
  std::size_t max_cells = 1'000'000;  ///< detect: as InferenceRules has it; the least sure objects are left out
};

struct InferenceReply {
  std::string body;
  std::optional<std::size_t> head_bytes;  ///< of its JSON, where binary tensors follow
};

/// The answer to a request, whose pictures `results` belong to, in their order. Rows are as long as the longest, for
/// detect, or `top`, and padded with "" and 0; a picture that failed has nothing else, and its code and message in
/// `errors`, which is there where it was asked for or is needed.
///
/// Errors: where every picture failed and nobody asked for `errors`: kInvalidRequest with why, or kInternal, kDraining
///         where it was not the picture.
/// Source: Open Inference Protocol 2, HTTP/REST; its binary tensor data extension.
Result<InferenceReply, HttpProblem> write_inference_reply(const InferenceRequest& request,
                                                          std::span<const ItemResult> results,
                                                          const InferenceContext& context);

/// `GET /v2/models/{model}`.
std::string inference_metadata_json(std::string_view model, Task task);

}  // namespace curlew
