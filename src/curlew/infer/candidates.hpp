#pragma once

#include <cstddef>
#include <vector>

#include "curlew/core/item_result.hpp"

namespace curlew {

/// Something that a detector may have found.
struct Candidate {
  Box box;           ///< in pixels of the network's input: finite, x1 < x2 and y1 < y2; it may reach beyond the input
  int class_id = 0;  ///< not negative
  float score = 0;   ///< in [0, 1]
};

/// How many candidates of one picture are looked at, the surest: some rows of a detector see each object, and pictures
/// show dozens of objects, not thousands. A network that finds something everywhere costs no more than this.
inline constexpr std::size_t kMaxCandidates = 1000;

/// Whether all four numbers are finite.
bool is_finite(const Box& box);

/// Whether the box holds nothing: no width or no height.
bool is_empty(const Box& box);

/// Keeps the surest kMaxCandidates of those that it is offered; of equal scores the ones that came first.
///
/// Cost: at most kMaxCandidates of memory, and log(kMaxCandidates) steps an offer.
class BestCandidates {
 public:
  void offer(const Candidate& candidate);

  /// What was kept, by falling score, equal scores in the order of their coming. Nothing is left in here.
  std::vector<Candidate> take();

 private:
  struct Numbered {
    Candidate candidate;
    std::size_t number = 0;
  };
  static bool is_surer(const Numbered& a, const Numbered& b);

  std::vector<Numbered> heap_;  // the one that would go next is in front
  std::size_t offered_ = 0;
};

}  // namespace curlew
