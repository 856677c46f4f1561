#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "curlew/store/batch.hpp"

namespace curlew {

/// As many streams a batch's items are spread over at most.
inline constexpr std::size_t kMaxLanes = 16;

/// How the items of a batch are spread over lanes, so that one without room does not stand before one that has.
///
/// Each origin has a lane of its own; where there are more than kMaxLanes, the kMaxLanes - 1 with the most items have,
/// and the last lane is that of all others. What needs no transfer is of the origin "".
struct LanePlan {
  std::vector<std::string> origins;  ///< of each lane but the shared one
  bool has_shared = false;
  std::vector<std::size_t> lane_of;    ///< of each item
  std::vector<std::string> origin_of;  ///< of each item in the shared lane; "" of others

  std::size_t lanes() const { return origins.size() + (has_shared ? 1 : 0); }
};

LanePlan plan_lanes(std::span<const NewItem> items);

}  // namespace curlew
