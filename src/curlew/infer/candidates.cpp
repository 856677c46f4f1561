#include "curlew/infer/candidates.hpp"

#include <algorithm>
#include <cmath>

namespace curlew {

bool is_finite(const Box& box) {
  return std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) && std::isfinite(box.y2);
}

bool is_empty(const Box& box) {
  const bool has_area = box.x1 < box.x2 && box.y1 < box.y2;  // what is no number has none
  return !has_area;
}

bool BestCandidates::is_surer(const Numbered& a, const Numbered& b) {
  if (a.candidate.score != b.candidate.score) return a.candidate.score > b.candidate.score;
  return a.number < b.number;
}

void BestCandidates::offer(const Candidate& candidate) {
  const Numbered numbered{.candidate = candidate, .number = offered_++};
  if (heap_.size() == kMaxCandidates) {
    if (!is_surer(numbered, heap_.front())) return;
    std::ranges::pop_heap(heap_, is_surer);
    heap_.pop_back();
  }
  heap_.push_back(numbered);
  std::ranges::push_heap(heap_, is_surer);
}

std::vector<Candidate> BestCandidates::take() {
  std::ranges::sort_heap(heap_, is_surer);
  std::vector<Candidate> best;
  best.reserve(heap_.size());
  for (const Numbered& numbered : heap_) best.push_back(numbered.candidate);
  heap_.clear();
  offered_ = 0;
  return best;
}

}  // namespace curlew
