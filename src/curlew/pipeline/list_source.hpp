#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "curlew/pipeline/item_source.hpp"

namespace curlew {

/// A list that is whole from the start: what the command line works through, in the list's order but for items whose
/// origin has no room.
///
/// Cost: claim looks at each origin without room once, never at each of its items.
class ListSource : public ItemSource {
 public:
  explicit ListSource(std::vector<Item> items);

  std::optional<Item> claim(const HasRoom& has_room) override;
  bool is_exhausted() const override;
  void set_on_change(std::function<void()> on_change) override;

 private:
  using Waiting = std::map<std::size_t, std::string>;
  std::vector<Item> items_;
  std::map<std::string, std::deque<std::size_t>> by_origin_;
  Waiting first_of_origin_;  ///< the place of the first waiting item of each origin -> that origin
};

}  // namespace curlew
