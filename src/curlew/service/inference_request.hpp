#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/core/task.hpp"
#include "curlew/http/http_problem.hpp"

namespace curlew {

/// A picture of a request of the Open Inference Protocol.
struct InferencePicture {
  std::vector<std::byte> bytes;
  std::string url;  ///< where it is to be had; "": its bytes are here
};

/// What such a request can be answered with; the order is that of the answer.
enum class InferenceTensor : std::uint8_t {
  kLabels,  ///< BYTES [n, k]
  kScores,  ///< FP32 [n, k]
  kBoxes,   ///< FP32 [n, k, 4]; detect only
  kErrors   ///< BYTES [n]
};

struct InferenceWish {
  InferenceTensor tensor;
  bool binary = false;
};

/// A request of the Open Inference Protocol.
struct InferenceRequest {
  std::optional<std::string> id;
  std::optional<int> top;
  std::optional<float> threshold;
  std::vector<InferencePicture> pictures;  ///< at least one
  std::vector<InferenceWish> wishes;       ///< each tensor once at most
  bool names_outputs = false;              ///< the wishes are its own; else they are all but kErrors
  bool binary_output = false;              ///< of tensors that nobody wished for

  bool wishes_for(InferenceTensor tensor) const;
};

struct InferenceRules {
  Task task = Task::kClassify;
  std::size_t max_pictures = 10'000;
  /// Cells of the largest answer: pictures times labels. Rows are padded, which must not make a small request's large.
  std::size_t max_cells = 1'000'000;
};

/// The name of an output.
std::string_view tensor_name(InferenceTensor tensor);

/// The value of `Inference-Header-Content-Length`.
///
/// Errors: kMalformed.
Result<std::size_t, HttpProblem> read_head_length(std::string_view value);

/// Reads the body of a request: all of it JSON, or, with `head_bytes`, as much of it, and then a binary tensor. With 0
/// all of it is one picture, and outputs are binary.
///
/// The input is `image`, BYTES, of shape [n] or [n, 1]. In JSON an element is a picture in base64. An http or https URL
/// may stand for a picture in both.
/// Errors: kMalformed: the JSON, or sizes that lie. kInvalidRequest: what cannot be asked for.
/// Cost:   linear; a copy of each picture.
/// Source: Open Inference Protocol 2, HTTP/REST; its binary tensor data extension.
Result<InferenceRequest, HttpProblem> read_inference_request(std::string_view body,
                                                             std::optional<std::size_t> head_bytes,
                                                             const InferenceRules& rules);

}  // namespace curlew
