#include "curlew/infer/nms.hpp"

#include <algorithm>

namespace curlew {
namespace {

// As double: the area of the largest float squared is finite there.
double length(float from, float to) { return std::max(0.0, static_cast<double>(to) - static_cast<double>(from)); }

double area(const Box& box) { return length(box.x1, box.x2) * length(box.y1, box.y2); }

}  // namespace

double intersection_over_union(const Box& a, const Box& b) {
  const double shared =
      length(std::max(a.x1, b.x1), std::min(a.x2, b.x2)) * length(std::max(a.y1, b.y1), std::min(a.y2, b.y2));
  return shared / (area(a) + area(b) - shared);
}

std::vector<Candidate> suppress_overlaps(std::vector<Candidate> candidates, const NmsRule& rule) {
  std::ranges::stable_sort(candidates, std::ranges::greater{}, &Candidate::score);
  if (candidates.size() > kMaxCandidates) candidates.resize(kMaxCandidates);
  std::vector<Candidate> kept;
  for (const Candidate& candidate : candidates) {
    if (kept.size() == kMaxDetections) break;
    const bool stands_elsewhere = std::ranges::none_of(kept, [&](const Candidate& surer) {
      const bool competes = rule.scope == NmsScope::kAcrossClasses || surer.class_id == candidate.class_id;
      return competes && intersection_over_union(surer.box, candidate.box) > static_cast<double>(rule.iou);
    });
    if (stands_elsewhere) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace curlew
