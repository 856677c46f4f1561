// Any bytes as a request of the Open Inference Protocol: the first line is Inference-Header-Content-Length, empty for
// none, the rest the body.
#include <string>

#include "curlew/service/inference_request.hpp"
#include "fuzz/fuzz_input.hpp"

namespace {

using namespace curlew;
using fuzz::check;

/// The pictures as a binary tensor.
std::string written(const InferenceRequest& request) {
  std::string tensor;
  for (const InferencePicture& picture : request.pictures) {
    const std::size_t size = picture.url.empty() ? picture.bytes.size() : picture.url.size();
    for (unsigned shift = 0; shift < 32; shift += 8) tensor += static_cast<char>((size >> shift) & 0xFFU);
    tensor += picture.url;
    for (const std::byte byte : picture.bytes) tensor += static_cast<char>(byte);
  }
  return tensor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body = fuzz::as_text(data, size);
  const std::string_view line = fuzz::take_line(body);
  std::optional<std::size_t> head_bytes;
  if (!line.empty()) {
    const auto length = read_head_length(line);
    if (!length) return 0;
    head_bytes = *length;
  }
  const InferenceRules rules{.task = Task::kDetect, .max_pictures = 10, .max_cells = 100};
  const auto request = read_inference_request(body, head_bytes, rules);
  if (!request) {
    check(!request.error().detail.empty(), "an error says something");
    return 0;
  }
  check(!request->pictures.empty() && request->pictures.size() <= rules.max_pictures,
        "some pictures, and not too many");
  check(!request->wishes.empty() && request->wishes.size() <= 4, "each output is wished for once at most");
  if (head_bytes && *head_bytes > 0 && *head_bytes < body.size()) {
    const std::string_view tail = body.substr(*head_bytes);
    if (tail.size() < 60'000) check(written(*request) == tail, "a binary tensor is read whole, nothing left out");
  }
  return 0;
}
