#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "curlew/base/error.hpp"
#include "curlew/core/picture.hpp"

namespace curlew {

/// A rectangle in pixels of the upright original, clipped to it: x1 <= x2, y1 <= y2.
struct Box {
  float x1 = 0;
  float y1 = 0;
  float x2 = 0;
  float y2 = 0;
};

/// One answer of a network. `score` is in [0, 1] and finite.
struct Prediction {
  int index = 0;  ///< the class's number in the network's output; -1 where another service did not tell it
  std::string label;
  float score = 0;
  std::optional<Box> box;  ///< detect only
};

/// What a network says of one picture: predictions by falling score.
struct Answer {
  std::vector<Prediction> predictions;
  std::optional<float> background_score;  ///< set where the background class won; it is never one of the predictions
};

/// The file that gave an answer.
struct ModelId {
  std::string name;
  std::string sha256;  ///< of the file really used, hex
};

/// How long each step took, in milliseconds; 0 where it was not reached.
struct Timings {
  double queue_ms = 0;  ///< waiting: for a permit, and for a core
  double fetch_ms = 0;  ///< all tries, and the pauses between them
  double decode_ms = 0;
  double infer_ms = 0;
  double total_ms = 0;  ///< from acceptance to the result
};

struct Success {
  ModelId model;
  PictureInfo image;
  Answer answer;
};

/// What became of one item.
struct ItemResult {
  std::string batch;
  std::uint32_t index = 0;
  std::string url;  ///< Item::text
  std::variant<Success, Error> outcome;
  Timings timings;

  bool ok() const { return std::holds_alternative<Success>(outcome); }
};

}  // namespace curlew
