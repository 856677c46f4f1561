#pragma once

#include <string>

#include "curlew/core/item_result.hpp"

namespace curlew {

/// A result as `classify` gives it.
inline ItemResult make_success(std::string url = "https://example.org/bird.jpg") {
  Success success;
  success.model = {.name = "birds", .sha256 = "95f5"};
  success.image = {
      .width_px = 1080, .height_px = 864, .format = PictureFormat::kJpeg, .bytes = 610'995, .sha256 = "ab12"};
  success.answer.predictions = {{.index = 918, .label = "Phalacrocorax varius varius", .score = 0.83203125F, .box = {}},
                                {.index = 12, .label = "Microcarbo, the \"little\"", .score = 0.051F, .box = {}}};
  return {.batch = "b",
          .index = 0,
          .url = std::move(url),
          .outcome = std::move(success),
          .timings = {.queue_ms = 0.1, .fetch_ms = 3.21, .decode_ms = 6.9, .infer_ms = 3.4, .total_ms = 13.71}};
}

inline ItemResult make_failure(Error error, std::string url = "https://example.org/404.jpg") {
  return {.batch = "b", .index = 1, .url = std::move(url), .outcome = std::move(error), .timings = {}};
}

}  // namespace curlew
