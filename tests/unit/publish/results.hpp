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

/// A result as `detect` gives it: two objects.
inline ItemResult make_detection() {
  ItemResult result = make_success("https://example.org/yard.jpg");
  auto& success = std::get<Success>(result.outcome);
  success.model = {.name = "coco", .sha256 = "1d0c"};
  success.answer.predictions = {
      {.index = 18, .label = "dog", .score = 0.875F, .box = Box{.x1 = 131.5F, .y1 = 220.25F, .x2 = 309, .y2 = 541}},
      {.index = 44, .label = "bottle, \"small\"", .score = 0.5F, .box = Box{.x1 = 0, .y1 = 0, .x2 = 9.996F, .y2 = 1}}};
  return result;
}

inline ItemResult make_failure(Error error, std::string url = "https://example.org/404.jpg") {
  return {.batch = "b", .index = 1, .url = std::move(url), .outcome = std::move(error), .timings = {}};
}

}  // namespace curlew
