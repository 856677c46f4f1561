#include "curlew/infer/objects.hpp"

#include <utility>

#include "curlew/core/placement.hpp"
#include "curlew/infer/labels.hpp"

namespace curlew {

// Overlaps are looked at before boxes are clipped, as the references do. They are the same in both frames: a placement
// stretches areas by one factor.
std::vector<Prediction> name_objects(std::vector<Candidate> candidates, const NmsRule& rule, const Placement& placement,
                                     const std::vector<std::string>& labels) {
  std::vector<Prediction> objects;
  for (const Candidate& candidate : suppress_overlaps(std::move(candidates), rule)) {
    const Box box = to_original(placement, candidate.box);
    if (is_empty(box)) continue;
    objects.push_back({.index = candidate.class_id,
                       .label = label_of(labels, candidate.class_id),
                       .score = candidate.score,
                       .box = box});
  }
  return objects;
}

}  // namespace curlew
