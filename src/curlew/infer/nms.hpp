#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "curlew/infer/candidates.hpp"

namespace curlew {

/// Which boxes compete for the same place.
enum class NmsScope : std::uint8_t {
  kByClass,       ///< those of one class: a rider and the horse below may share a box
  kAcrossClasses  ///< all: what stands in one place is one thing
};

/// How boxes that show the same thing are told.
struct NmsRule {
  float iou = 0.45F;  ///< boxes that overlap by more are the same thing; in [0, 1]
  NmsScope scope = NmsScope::kByClass;
};

/// What one picture gives at most, the surest; COCO's own measure looks at 100.
inline constexpr std::size_t kMaxDetections = 300;

/// The area that two boxes share, as a part of the area that they cover together: 0 where they do not meet, 1 where
/// they are the same.
///
/// Shape:  finite boxes that are not empty; any size, since nothing overflows.
/// Source: the Jaccard index; corners between pixels, so no +1 to widths and heights.
double intersection_over_union(const Box& a, const Box& b);

/// Greedy non-maximum suppression: of boxes that overlap by more than `rule.iou` the surest stays; equal scores go by
/// place in the list. By falling score, at most kMaxDetections.
///
/// Cost:   kMaxDetections x kMaxCandidates comparisons at most: of a longer list only the surest are looked at.
/// Source: torchvision.ops.nms (a box goes where its IoU with a kept one is above the threshold, not at it) and
///         batched_nms (boxes of different classes never meet).
std::vector<Candidate> suppress_overlaps(std::vector<Candidate> candidates, const NmsRule& rule);

}  // namespace curlew
