#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/infer/candidates.hpp"

namespace curlew {

/// What a detector's outputs are.
enum class DetectionForm : std::uint8_t {
  kSsd,               ///< boxes and scores of each anchor: read_ssd()
  kYolox,             ///< one output of raw grids: read_yolox()
  kBoxesLabelsScores  ///< three lists of one length, different for each picture: read_boxes_labels_scores()
};

/// An output of a network as it lies in memory, row-major. Nothing of it is believed.
template <class T>
struct TensorView {
  std::span<const T> values;
  std::span<const std::size_t> shape;
};

/// Rows beyond this are no detector's: its largest inputs have some ten thousand.
inline constexpr std::size_t kMaxRows = 1'000'000;

/// Classes beyond this are none: lists of labels end there too.
inline constexpr std::size_t kMaxClasses = 1'000'000;

// What the three readers below share. A row stands for one box; it gives at most one candidate, of its best class (the
// lower one where two are equal), if that one's score is at or above `threshold`. Boxes without width or height are
// left out. The surest kMaxCandidates come back, by falling score, equal ones in the order of their rows.
//
// Units:  boxes in pixels of the network's input; a score is clamped to [0, 1]; `threshold` is in [0, 1].
// Errors: kInferenceFailed where a shape is not what is said here, or does not fit its values; kNonFiniteOutput where a
//         score, or the box of a row at or above the threshold, is NaN or infinite. Boxes below it are not looked at.
// Cost:   one pass over the scores, and kMaxCandidates of memory.

/// SSD: each anchor has a box and a score for each class.
///
/// Shape:  `boxes` 1 x N x 4: ymin, xmin, ymax, xmax as parts of the input's height and width, 0–1; `scores` 1 x N x C,
///         C >= 2. A class is its column; column 0 is the background, which is never an answer and never looked at.
/// Source: TensorFlow's Object Detection API: core/box_list.py (order of the corners), SSD exports (background column).
///         The best class of a row only: @tensorflow-models/coco-ssd.
Result<std::vector<Candidate>> read_ssd(const TensorView<float>& boxes, const TensorView<float>& scores,
                                        const InputFormat& input, float threshold);

/// YOLOX: a row for each cell of three grids, of cells of 8, 16 and 32 pixels, one grid after the other, each line by
/// line. In cell (column, line) of a grid of `stride` the numbers x, y, w, h, objectness, class 0, class 1, … stand for
///
///   centre = ((x + column) * stride, (y + line) * stride)
///   size   = (exp(w) * stride, exp(h) * stride)
///   score  = objectness * the best class
///
/// Shape:  `grids` 1 x N x (5 + C), C >= 1, N the cells of `input`, sides rounded down. Of decoding, the network does
///         the logistic function over objectness and classes only, as YOLOX's export_onnx.py leaves it.
/// Errors: the classes of a row count where its objectness alone reaches the threshold; elsewhere they cannot.
/// Source: Megvii-BaseDetection/YOLOX: models/yolo_head.py (forward, decode_outputs), utils/demo_utils.py
///         (demo_postprocess), utils/boxes.py (postprocess).
Result<std::vector<Candidate>> read_yolox(const TensorView<float>& grids, const InputFormat& input, float threshold);

/// The rows of YOLOX's output for an input of that size.
std::size_t yolox_cells(const InputFormat& input);

/// Boxes, labels and scores of what the network itself has found.
///
/// Shape:  `boxes` N x 4: x1, y1, x2, y2 in pixels of the input; `labels` N, a class each; `scores` N. N may be 0.
/// Errors: also kInferenceFailed where the label of a row at or above the threshold is negative or kMaxClasses or more.
/// Source: torchvision.models.detection, the outputs of its models at inference.
Result<std::vector<Candidate>> read_boxes_labels_scores(const TensorView<float>& boxes,
                                                        const TensorView<std::int64_t>& labels,
                                                        const TensorView<float>& scores, float threshold);

}  // namespace curlew
