#pragma once

#include <string>
#include <vector>

#include "curlew/core/item_result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/infer/candidates.hpp"
#include "curlew/infer/nms.hpp"

namespace curlew {

/// The objects that a detector's candidates come to: the surest box of each, in pixels of the upright original that
/// `placement` tells of, clipped to it; what lies wholly beside the original is left out. By falling score, each with
/// the label of its class ("class 17" where `labels` has none), at most kMaxDetections.
///
/// Shape:  `candidates` as the readers of detections.hpp give them: at or above the threshold already.
std::vector<Prediction> name_objects(std::vector<Candidate> candidates, const NmsRule& rule, const Placement& placement,
                                     const std::vector<std::string>& labels);

}  // namespace curlew
