#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/http/http_problem.hpp"

namespace curlew {

/// An output that a request of the Open Inference Protocol asks for.
struct NamedOutput {
  std::string name;
  std::optional<bool> binary;  ///< `binary_data`
};

/// The JSON of a request of the Open Inference Protocol, as it stands there.
struct InferenceHead {
  struct Input {
    std::string name;
    std::string datatype;
    std::vector<std::uint64_t> shape;
    std::optional<std::uint64_t> binary_bytes;     ///< `binary_data_size`
    std::optional<std::vector<std::string>> data;  ///< in its order, whether flat or a list a picture
    std::size_t data_rank = 1;                     ///< 2 where it was a list a picture
  };
  std::optional<std::string> id;
  std::optional<int> top;
  std::optional<float> threshold;
  bool binary_output = false;  ///< `binary_data_output`
  Input input;                 ///< there is exactly one
  std::vector<NamedOutput> outputs;
};

/// What a head may hold.
struct InferenceHeadLimits {
  std::size_t elements = 10'000;     ///< of `data`
  std::size_t id_characters = 256;   ///< it is given back
  std::size_t outputs = 16;          ///< that are asked for
  std::size_t name_characters = 64;  ///< of inputs, outputs and datatypes
};

/// Reads that JSON.
///
/// Members and parameters that are not known are passed over, as the protocol has it; null is one that is left out. A
/// number such as 3.0 is an integer.
/// Errors: kMalformed: not JSON, not UTF-8, NaN, deeper than kMaxJsonDepth, a member of those known twice.
///         kInvalidRequest: what the protocol, or this model, has not.
/// Cost:   linear; holds the texts of `data` and one more, whatever is in `text`, and never recurses.
/// Source: Open Inference Protocol 2, HTTP/REST; its binary tensor data extension.
Result<InferenceHead, HttpProblem> read_inference_head(std::string_view text, const InferenceHeadLimits& limits = {});

}  // namespace curlew
