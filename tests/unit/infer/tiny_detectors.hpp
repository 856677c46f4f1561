#pragma once

#include <filesystem>

#include "curlew/infer/detections.hpp"

namespace curlew::test {

/// A detector of a few operations that finds the same two things in every picture, the surer the brighter it is:
/// class 1 at 8,4 – 24,12 with the score b, class 2 at 0,16 – 8,32 with the score b / 2, where b is the mean of the
/// input's values over 255. Its input has 32 x 32 pixels.
///
/// boxes-labels-scores gives both from b >= 0.5, the first alone from 0.25, else none: as many rows as there are
/// things.
struct TinyDetector {
  DetectionForm form = DetectionForm::kSsd;
  bool floats = false;           ///< takes f32 NCHW, else u8 NHWC
  bool listed = false;           ///< with `floats`: takes one picture as torchvision does, CHW without a batch
  bool named = true;             ///< its outputs have names
  bool turned = false;           ///< its outputs come in the opposite order
  bool nan_when_bright = false;  ///< from b = 0.9 its last output is not a number
  bool one_more_output = false;
};

/// Writes `detector` as IR: path (.xml) and the .bin beside it.
void write_ir(const TinyDetector& detector, const std::filesystem::path& path);

}  // namespace curlew::test
